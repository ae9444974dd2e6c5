# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Packages of other Debian suites, for files that the tests need: fetched with
# lists and archives of their own, unpacked by hand. Nothing of the host's
# set-up is touched. To be sourced.
#
#	apt_open FOLDER	  where lists and archives are kept
#	apt_fetch FOLDER PACKAGE...
#	apt_newest_kernel SERIES VERSION < LIST

# From old to new: this Debian's, and those whose kernels can be of use.
# shellcheck disable=SC1091
apt_suites="$(. /etc/os-release && echo "$VERSION_CODENAME") trixie testing unstable"

apt_options()
{
	echo "Dir::Etc::SourceList \"$apt/sources.list\";
Dir::Etc::SourceParts \"/dev/null\";
Dir::State::Lists \"$apt/lists\";
Dir::Cache \"$apt/cache\";
APT::Sandbox::User \"$(id -un)\";
APT::Get::List-Cleanup \"false\";
Acquire::Languages \"none\";" > "$apt/conf"
}

# The host's own Debian sources, also with its suite's name replaced by those of
# newer ones. The keys of the next release are in this one's keyring.
apt_sources()
{
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016 # $(...) is for apt to expand
	env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Component: main' | sort -u |
	awk -v from="${apt_suites%% *}" -v suites="$apt_suites" -v key="$keyring" '
		function deb(suite) { print "deb [signed-by=" key "]", $1, suite, $3 }
		BEGIN { n = split(suites, suite, " ") }
		$2 == from {
			for (i = 1; i <= n; i++) {
				deb(suite[i])
				if (suite[i] !~ /^(testing|unstable)$/)
					deb(suite[i] "-backports")
			}
		}
		$2 == from "-security" {
			for (i = 1; suite[i] !~ /^(testing|unstable)$/; i++)
				deb(suite[i] "-security")
		}'
}

# Where the host has its Debian packages from, for debootstrap.
apt_mirror()
{
	awk -v suite="$1" '$4 == suite { print $3; exit }' "$apt/sources.list"
}

apt_open()
{
	apt=$1
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	apt_sources > "$apt/sources.list"
	[ -s "$apt/sources.list" ] || return 1
	apt_options
	export APT_CONFIG="$apt/conf"
	# Not every mirror has every suite.
	apt-get -q update >&2 || :
}

apt_fetch()
{
	(cd "$1" && shift && apt-get -q download "$@") >&2
}

# apt_newest_kernel SERIES VERSION < LIST: from what "apt-cache madison" prints,
# the newest release of a series, and the suite that it comes from. Of builds of one
# version that for Debian VERSION, or else that of the oldest suite. Release
# candidates do not count.
apt_newest_kernel()
{
	series=$(echo "$1" | sed 's/[.]/\\./g')
	sed -nE "s/^ *linux-image-($series\\.[0-9][0-9a-z.+-]*-amd64) +\\|[^|]*\\|.* ([a-z-]+)\\/.*/\\1 \\2/p" |
	grep -vE 'cloud|rt-|unsigned|dbg|-rc' |
	awk -v home="[+]deb$2[.-]" -v suites="$apt_suites" '
		BEGIN {
			n = split(suites, suite, " ")
			for (i = 1; i <= n; i++)
				age[suite[i]] = i
		}
		{
			from = $2
			sub(/-.*/, "", from)
			version = $1
			sub(/([+].*)?-amd64$/, "", version)
			rank = $1 ~ home ? 0 : age[from]
			print version, n - rank, $1, from
		}' |
	sort -k1,1V -k2,2n -k3,3V | tail -n 1 | cut -d ' ' -f 3,4
}
