//! The program: arguments in, exit code out.

fn main() -> std::process::ExitCode {
    scale_advisor::cli::main()
}
