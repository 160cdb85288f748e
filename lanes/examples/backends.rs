//! Prints the backends that this CPU can run, fastest first, one name per line.

fn main() {
    for backend in selge_lanes::Backend::available() {
        println!("{backend}");
    }
}
