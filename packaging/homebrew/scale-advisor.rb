# The formula, filled in by `scripts/formula` from the checksums of a release. It installs what the release built.
class ScaleAdvisor < Formula
  desc "Says which resource of a system runs out next, and when"
  homepage "https://github.com/@REPOSITORY@"
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/scale-advisor-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@SHA256:aarch64-apple-darwin@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/scale-advisor-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@SHA256:x86_64-apple-darwin@"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/scale-advisor-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:aarch64-unknown-linux-musl@"
    end
    on_intel do
      url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/scale-advisor-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@SHA256:x86_64-unknown-linux-musl@"
    end
  end

  def install
    bin.install "scale-advisor"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/bash" => "scale-advisor"
    fish_completion.install "completions/fish" => "scale-advisor.fish"
    zsh_completion.install "completions/zsh" => "_scale-advisor"
  end

  test do
    assert_match "PostgreSQL connections", shell_output("#{bin}/scale-advisor check --demo")
  end
end
