#!/usr/bin/env bash
# Builds a package of this workspace for browsers: tools/wasm.sh PACKAGE OUT.wasm [FAST…]
# FAST are packages that are compiled for speed; all others are compiled to be small.
#
# Where rustup has the target wasm32-unknown-unknown, it is used. Elsewhere the compiler and the standard library's source
# come from Debian's packages, unpacked below target/, so that nothing is installed. WASM_TOOLCHAIN=rustup or =debian takes
# one of them and no other: the same bytes come from the same compiler alone. OUT.wasm.compiler says which one it was.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
package=${1:?usage: tools/wasm.sh PACKAGE OUT.wasm [FAST…]}
out=${2:?usage: tools/wasm.sh PACKAGE OUT.wasm [FAST…]}
shift 2
target=wasm32-unknown-unknown
cargo=${CARGO:-cargo}
target_dir=${CARGO_TARGET_DIR:-$root/target}
flags=()
unpacked=$target_dir/wasm-toolchain

fail() { echo "tools/wasm.sh: $*" >&2; exit 1; }

# Debian's compiler with all that it needs and this machine lacks.
unpack() {
    command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || fail \
        "there is no compiler for $target here, and no apt-get to fetch one: run 'rustup target add $target' and try again"
    [ "$(id -u)" != 0 ] || apt-get update -qq
    local wanted packages part=$unpacked.part
    wanted=$(apt-cache madison rustc-web 2>/dev/null | awk '{print $3}' | sort -V | tail -n 1)
    [ -n "$wanted" ] || fail \
        "the package rustc-web is not known: run 'sudo apt-get update', or 'rustup target add $target', and try again"
    # Its own dependencies in the same version; the simulation names those that are not installed.
    packages=$(apt-get install -s --no-install-recommends "rustc-web=$wanted" "libstd-rust-web-dev=$wanted" \
        "rust-web-src=$wanted" | awk '/^Inst/ { print $2 }')
    rm -rf "$part" && mkdir -p "$part/root"
    echo "tools/wasm.sh: fetching Debian's compiler for WebAssembly, rustc-web $wanted" >&2
    (cd "$part" && apt-get download -qq $packages 2> download.err) || fail \
        "the packages cannot be fetched: $(cat "$part/download.err"); run 'sudo apt-get update' and try again"
    for deb in "$part"/*.deb; do dpkg -x "$deb" "$part/root"; done
    rm -f "$part"/*.deb
    rm -rf "$unpacked" && mv "$part" "$unpacked"
}

has_rustup_target() { [ -d "$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$target/lib" ]; }

case ${WASM_TOOLCHAIN:-} in
    rustup) has_rustup_target || fail "rustup does not have $target: run 'rustup target add $target' and try again"; kind=rustup ;;
    debian) kind=debian ;;
    "") if has_rustup_target; then kind=rustup; else kind=debian; fi ;;
    *) fail "WASM_TOOLCHAIN=$WASM_TOOLCHAIN is neither rustup nor debian" ;;
esac

options=(--locked --package "$package" --profile web --target "$target")
for fast in "$@"; do options+=(--config "profile.web.package.$fast.opt-level=3"); done
if [ $kind = debian ]; then
    [ -x "$unpacked/root/usr/bin/rustc" ] || unpack
    libraries=$(find "$unpacked/root/usr/lib" -name 'libLLVM*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
    export LD_LIBRARY_PATH=$libraries$unpacked/root/usr/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    # The linker comes with every Rust toolchain, Debian's has it in another package.
    linker=$(find "$(rustc --print sysroot)" -name rust-lld -type f 2>/dev/null | head -n 1)
    [ -n "$linker" ] || linker=$(command -v wasm-ld rust-lld 2>/dev/null | head -n 1) || true
    [ -n "$linker" ] || fail "there is no linker for $target: install Rust from https://rustup.rs, or run 'sudo apt-get install lld', and try again"
    export RUSTC=$unpacked/root/usr/bin/rustc RUSTC_BOOTSTRAP=1
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$linker
    # A panic ends the module whatever it says, so its words and their formatting are left out.
    options+=(-Z build-std=std,panic_abort)
    flags=(-Cpanic=immediate-abort -Zunstable-options)
    source=$(readlink -f "$("$RUSTC" --print sysroot)/lib/rustlib/src/rust")
else
    source=$(rustc --print sysroot)/lib/rustlib/src/rust
fi

# No path of this machine gets into the module.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export CARGO_INCREMENTAL=0
unset RUSTFLAGS
flags+=("--remap-path-prefix=$source=/rust" "--remap-path-prefix=$cargo_home=/cargo" "--remap-path-prefix=$root=/selge")
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
"$cargo" build "${options[@]}"

mkdir -p "$(dirname "$out")"
cp "$target_dir/$target/web/${package//-/_}.wasm" "$out"
"${RUSTC:-rustc}" --version > "$out.compiler"
