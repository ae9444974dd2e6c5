# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
#
# Packages of other Debian suites, for files that the tests need: fetched with
# lists and archives of their own, unpacked by hand. Nothing of the host's
# set-up is touched. To be sourced.
#
#	apt_open FOLDER	  where lists and archives are kept
#	apt_fetch FOLDER PACKAGE...
#	apt_cache ...

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

# The host's own Debian sources, also with its suite's name replaced by others.
# The keys of the next release are in this one's keyring.
apt_sources()
{
	# shellcheck disable=SC1091
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	# shellcheck disable=SC2016 # $(...) is for apt to expand
	env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
		'Created-By: Packages' 'Component: main' | sort -u |
	awk -v from="$codename" -v suites="$codename trixie" -v key="$keyring" '
		function deb(suite) { print "deb [signed-by=" key "]", $1, suite, $3 }
		BEGIN { n = split(suites, suite, " ") }
		$2 == from {
			for (i = 1; i <= n; i++) {
				deb(suite[i])
				deb(suite[i] "-backports")
			}
		}
		$2 == from "-security" {
			for (i = 1; i <= n; i++)
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
