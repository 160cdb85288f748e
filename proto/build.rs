//! Generates the services from `selge/v1/*.proto`, with protox: nobody needs protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=selge/v1");
    let files = protox::compile(["selge/v1/board.proto", "selge/v1/relay.proto"], ["."])?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
