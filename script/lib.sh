# What the front door's scripts share; sourced, never run. POSIX sh.
set -eu
cd "$(dirname "$0")/.."

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$*"
	exit 1
}

# Debian packages that building needs; the name in brackets is what proves that it is there without dpkg.
build_packages='gcc libc6-dev meson ninja-build pkg-config python3 git libyaml-dev libsqlite3-dev libgit2-dev libcurl4-openssl-dev libssl-dev libexpat1-dev'
# What tests, lint, fuzzing and the example need besides.
test_packages='clang clang-format clang-tidy libclang-rt-14-dev libcmocka-dev python3-venv libgomp1 less time zsh fish'

# missing_packages NAME... prints those that are not installed.
missing_packages() {
	command -v dpkg-query >/dev/null 2>&1 || return 0
	have=$(dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null | sed -n 's/ install ok installed$//p')
	for name; do
		printf '%s\n' "$have" | grep -qxF -- "$name" || printf '%s ' "$name"
	done
}
