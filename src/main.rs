//! The program: arguments in, exit code out.

/// The static program for Linux: musl's own allocator asks the kernel for memory again and again.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    scale_advisor::cli::main()
}
