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
build_packages='gcc libc6-dev meson ninja-build pkg-config python3 git libyaml-dev libsqlite3-dev libgit2-dev libcurl4-openssl-dev libssl-dev libexpat1-dev libpcre2-dev zlib1g-dev libpng-dev libturbojpeg0-dev libgif-dev'
# What tests, lint, fuzzing and the example need besides.
test_packages='clang clang-format clang-tidy libclang-rt-14-dev libcmocka-dev python3-venv libgomp1 less time zsh fish chromium r-base-core'
# What script/static needs besides, and a cargo of 1.78 or later, which Debian 12 does not have.
static_packages='perl make debian-archive-keyring'
# Another architecture, for `script/test --static`.
other_systems_packages='qemu-user'
# The servers that tests of remotes start on loopback, and their clients. apache2-bin is the program without a service.
server_packages='openssh-server openssh-client nginx-light apache2-bin curl openssl'
# A cluster on loopback (tests/harness/slurm.py), and clocks that disagree.
cluster_packages='slurm-wlm slurm-wlm-basic-plugins munge faketime'

# What script/package needs to make Debian packages, and what their test needs to install them in a bare tree.
packaging_packages='debhelper dpkg-dev fakeroot lintian debootstrap'

# missing_packages NAME... prints those that are not installed.
missing_packages() {
	command -v dpkg-query >/dev/null 2>&1 || return 0
	have=$(dpkg-query -W -f '${Package} ${Status}\n' "$@" 2>/dev/null | sed -n 's/ install ok installed$//p')
	for name; do
		printf '%s\n' "$have" | grep -qxF -- "$name" || printf '%s ' "$name"
	done
}

# install_packages NAME... installs Debian packages, as root or by sudo, without starting a service that one brings:
# maintainer scripts ask policy-rc.d, for which 101 means "not allowed". A new service is not started at boot either.
install_packages() {
	say "installing: $*"
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q >&2
	policy=/usr/sbin/policy-rc.d
	if [ -e $policy ]; then
		policy=
	else
		printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
		$as_root chmod 755 $policy
		trap '$as_root rm -f $policy' EXIT
	fi
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" >&2
	[ -z "$policy" ] || $as_root rm -f $policy
	trap - EXIT
	for name; do
		case $name in
		openssh-server) service=ssh ;;
		nginx-light) service=nginx ;;
		slurm-wlm) service='slurmctld slurmd' ;;
		munge) service=munge ;;
		*) continue ;;
		esac
		$as_root systemctl disable -q $service >/dev/null 2>&1 || : # no systemd, nothing to disable
	done
}

# python_environment DIR PINS: the environment DIR with the packages that the file PINS lists. One that holds every pin
# already is taken as it is.
python_environment() {
	want="$(sha256sum <"$2")"
	[ "$(cat "$1/.cairn-stamp" 2>/dev/null || :)" != "$want" ] || return 0
	if ! { [ -x "$1/bin/python" ] && "$1/bin/python" tools/check-pins "$2"; }; then
		say "making the Python environment $1 (a minute or two)"
		[ -x "$1/bin/python" ] || python3 -m venv "$1"
		"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$2" >&2
	fi
	printf '%s\n' "$want" >"$1/.cairn-stamp"
}
