//! Generates the services from `selge/v1/*.proto`, with protox: nobody needs protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=selge/v1");
    let files = protox::compile(["selge/v1/board.proto", "selge/v1/relay.proto"], ["."])?;
    let service = std::env::var_os("CARGO_FEATURE_SERVICE").is_some();
    tonic_prost_build::configure().build_client(service).build_server(service).compile_fds(files)?;
    Ok(())
}
