// SPDX-License-Identifier: GPL-2.0
/* The command line. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../lib/names.h"
#include "xtcp-ss.h"

static void usage(FILE *out)
{
	fputs("Usage: xtcp-ss [OPTION]... [FILTER]\n"
	      "Shows the sockets and connections of XTCP.\n"
	      "\n"
	      "  -a, --all         every state; without: connections only\n"
	      "  -l, --listening   listening sockets only\n"
	      "  -4, --ipv4        IPv4 only\n"
	      "  -6, --ipv6        IPv6 only\n"
	      "      --sport PORT  this local port only (number or service)\n"
	      "      --dport PORT  this port of the peer only\n"
	      "  -n, --numeric     ports as numbers, not as services\n"
	      "  -p, --processes   who holds the socket\n"
	      "  -e, --extended    uid, inode, cookie, tags, shutdown\n"
	      "  -i, --info        round-trip times, windows, counters\n"
	      "  -m, --memory      memory of the socket\n"
	      "  -o, --options     timer\n"
	      "  -j, --json        JSON\n"
	      "  -H, --no-header   no line of headings\n"
	      "  -N, --net NAME    those of the network namespace NAME of \"ip netns\"\n"
	      "  -V, --version\n"
	      "  -h, --help\n"
	      "\n"
	      "FILTER: [ state NAME | exclude NAME ]... [ sport = :PORT ] [ and ] [ dport = :PORT ]\n"
	      "NAME: established syn-sent syn-recv fin-wait-1 fin-wait-2 time-wait closed\n"
	      "      close-wait last-ack listening closing, or one of the groups\n"
	      "      all connected synchronized bucket big\n"
	      "\n"
	      "Exit code: 0, 1: the kernel could not be asked, 2: not understood.\n", out);
}

static int complain(void)
{
	fputs("Try \"xtcp-ss --help\".\n", stderr);
	return EXIT_USAGE;
}

static bool port_option(const char *text, uint16_t *port)
{
	if (xtcp_port_parse(text, port) && *port)
		return true;
	fprintf(stderr, "xtcp-ss: \"%s\" is neither a port nor a service\n", text);
	return false;
}

/* The attributes that a view needs. V6ONLY tells * from [::]. */
static uint32_t attributes(const struct view *view)
{
	uint32_t ext = XTCP_DIAG_EXT(XTCP_DIAG_V6ONLY);

	if (view->info)
		ext |= XTCP_DIAG_EXT(XTCP_DIAG_INFO);
	if (view->memory)
		ext |= XTCP_DIAG_EXT(XTCP_DIAG_MEMINFO);
	if (view->extended)
		ext |= XTCP_DIAG_EXT(XTCP_DIAG_TAGS) | XTCP_DIAG_EXT(XTCP_DIAG_SHUTDOWN);
	return ext;
}

/**
 * options_parse - read the command line
 * @o: out
 * @argc: as of main()
 * @argv: as of main()
 *
 * Return: -1: go on; otherwise the program is to end with this code.
 */
int options_parse(struct options *o, int argc, char **argv)
{
	enum { OPT_SPORT = 256, OPT_DPORT };
	static const struct option longs[] = {
		{ "all",	no_argument,		NULL, 'a' },
		{ "listening",	no_argument,		NULL, 'l' },
		{ "ipv4",	no_argument,		NULL, '4' },
		{ "ipv6",	no_argument,		NULL, '6' },
		{ "sport",	required_argument,	NULL, OPT_SPORT },
		{ "dport",	required_argument,	NULL, OPT_DPORT },
		{ "numeric",	no_argument,		NULL, 'n' },
		{ "processes",	no_argument,		NULL, 'p' },
		{ "extended",	no_argument,		NULL, 'e' },
		{ "info",	no_argument,		NULL, 'i' },
		{ "memory",	no_argument,		NULL, 'm' },
		{ "options",	no_argument,		NULL, 'o' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "no-header",	no_argument,		NULL, 'H' },
		{ "net",	required_argument,	NULL, 'N' },
		{ "version",	no_argument,		NULL, 'V' },
		{ "help",	no_argument,		NULL, 'h' },
		{ }
	};
	struct filter filter = { };
	bool all = false, listening = false, v4 = false, v6 = false;
	char why[256];
	int c;

	*o = (struct options) { .view.header = true };
	while ((c = getopt_long(argc, argv, "al46npeimojHN:Vh", longs, NULL)) != -1) {
		switch (c) {
		case 'a':
			all = true;
			break;
		case 'l':
			listening = true;
			break;
		case '4':
			v4 = true;
			break;
		case '6':
			v6 = true;
			break;
		case OPT_SPORT:
			if (!port_option(optarg, &filter.sport))
				return complain();
			break;
		case OPT_DPORT:
			if (!port_option(optarg, &filter.dport))
				return complain();
			break;
		case 'n':
			o->view.numeric = true;
			break;
		case 'p':
			o->view.processes = true;
			break;
		case 'e':
			o->view.extended = true;
			break;
		case 'i':
			o->view.info = true;
			break;
		case 'm':
			o->view.memory = true;
			break;
		case 'o':
			o->view.timers = true;
			break;
		case 'j':
			o->view.json = true;
			break;
		case 'H':
			o->view.header = false;
			break;
		case 'N':
			o->netns = optarg;
			break;
		case 'V':
			puts(VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			return complain();
		}
	}
	if (!filter_parse(&filter, argc - optind, argv + optind, why, sizeof(why))) {
		fprintf(stderr, "xtcp-ss: filter: %s\n", why);
		return complain();
	}
	if (!filter.states)
		filter.states = all ? STATES_ALL :
				listening ? 1U << STATE_LISTEN : STATES_DEFAULT;

	o->req.sdiag_family = AF_XTCP;
	if (v4 != v6)
		o->req.family = v4 ? AF_INET : AF_INET6;
	o->req.ext = attributes(&o->view);
	o->req.states = filter.states;
	o->req.id.sport = htons(filter.sport);
	o->req.id.dport = htons(filter.dport);
	return -1;
}
