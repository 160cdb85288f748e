//! Generates the service from `selge/v1/board.proto`, with protox: nobody needs protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=selge/v1/board.proto");
    let files = protox::compile(["selge/v1/board.proto"], ["."])?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}
