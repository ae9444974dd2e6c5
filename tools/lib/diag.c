// SPDX-License-Identifier: GPL-2.0
/* Asking the kernel about XTCP's sockets: requests, answers, repeated dumps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "diag.h"

#define PASSES_MAX	16	/* a table that changes its size in each of these is in trouble */
#define BUFFER_SIZE	65536	/* the kernel fills no more than 32 KiB at once */

/*
 * Messages and attributes are walked by hand: libmnl's macros look up to three
 * bytes beyond the end of one whose length is odd, and take a length above
 * 2^31 for a good one.
 */
struct attrs {
	const char *at, *end;
};

/* The next attribute, copied: it need not be aligned. False: there is no more. */
static bool next_attr(struct attrs *attrs, struct nlattr *attr, const char **payload)
{
	size_t left = attrs->end - attrs->at, step;

	if (left < sizeof(*attr))
		return false;
	memcpy(attr, attrs->at, sizeof(*attr));
	if (attr->nla_len < sizeof(*attr) || attr->nla_len > left)
		return false;
	*payload = attrs->at + sizeof(*attr);
	step = NLA_ALIGN(attr->nla_len);
	attrs->at += step < left ? step : left;
	return true;
}

/* Copies what is there: a younger kernel sends more than we know, an older one less. */
static void copy_attr(void *to, size_t room, const struct nlattr *attr, const char *payload)
{
	size_t len = attr->nla_len - sizeof(*attr);

	memcpy(to, payload, len < room ? len : room);
}

/**
 * xtcp_entry_parse - read one answer
 * @nlh: message, of which nlmsg_len bytes can be read
 * @e: out: its content
 *
 * Return: 0, or -EBADMSG if it is shorter than it must be.
 */
int xtcp_entry_parse(const struct nlmsghdr *nlh, struct xtcp_entry *e)
{
	struct attrs attrs = {
		.at = (const char *)nlh + NLMSG_HDRLEN,
		.end = (const char *)nlh + nlh->nlmsg_len,
	};
	const char *payload;
	struct nlattr attr;

	memset(e, 0, sizeof(*e));
	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(e->msg))
		return -EBADMSG;
	memcpy(&e->msg, attrs.at, sizeof(e->msg));
	attrs.at += sizeof(e->msg);

	while (next_attr(&attrs, &attr, &payload)) {
		unsigned int type = attr.nla_type & NLA_TYPE_MASK;

		switch (type) {
		case XTCP_DIAG_INFO:
			copy_attr(&e->info, sizeof(e->info), &attr, payload);
			e->info.xtcpi_cc[sizeof(e->info.xtcpi_cc) - 1] = 0;
			break;
		case XTCP_DIAG_MEMINFO:
			copy_attr(e->mem, sizeof(e->mem), &attr, payload);
			break;
		case XTCP_DIAG_TAGS:
			copy_attr(&e->tags, sizeof(e->tags), &attr, payload);
			break;
		case XTCP_DIAG_SHUTDOWN:
			copy_attr(&e->shutdown, sizeof(e->shutdown), &attr, payload);
			break;
		case XTCP_DIAG_V6ONLY:
			copy_attr(&e->v6only, sizeof(e->v6only), &attr, payload);
			break;
		default:
			continue;	/* of a younger kernel */
		}
		e->has |= XTCP_DIAG_EXT(type);
	}
	return 0;
}

static int add_entry(struct xtcp_table *table, const struct nlmsghdr *nlh)
{
	struct xtcp_entry *entry;
	size_t room;
	int err;

	if (table->n == table->room) {
		room = table->room ? 2 * table->room : 64;
		entry = realloc(table->entry, room * sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		table->entry = entry;
		table->room = room;
	}
	entry = &table->entry[table->n];
	err = xtcp_entry_parse(nlh, entry);
	if (err)
		return err;
	entry->pass = table->pass;
	table->n++;
	return 0;
}

static void end_pass(struct xtcp_table *table, int err)
{
	table->done = true;
	table->err = err;
}

/* The error a message carries; a bad message is one. */
static int carried_error(const struct nlmsghdr *nlh)
{
	int err;

	if (nlh->nlmsg_len < NLMSG_HDRLEN + sizeof(err))
		return -EBADMSG;
	memcpy(&err, (const char *)nlh + NLMSG_HDRLEN, sizeof(err));
	return err > 0 ? -EBADMSG : err;
}

/**
 * xtcp_table_feed - take in what one receive call gave
 * @table: collects the entries; done is set when the pass is over
 * @buf: messages, aligned to four bytes
 * @len: their length in bytes
 * @seq: sequence number of the request; answers to others are left alone
 */
void xtcp_table_feed(struct xtcp_table *table, const void *buf, size_t len, uint32_t seq)
{
	const struct nlmsghdr *nlh;
	size_t step;
	int err;

	for (; !table->done && len >= sizeof(*nlh); buf = (const char *)buf + step, len -= step) {
		nlh = buf;
		if (nlh->nlmsg_len < sizeof(*nlh) || nlh->nlmsg_len > len) {
			end_pass(table, -EBADMSG);
			return;
		}
		step = NLMSG_ALIGN(nlh->nlmsg_len);
		if (step > len)
			step = len;
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			table->interrupted = true;
		switch (nlh->nlmsg_type) {
		case NLMSG_NOOP:
			break;
		case NLMSG_DONE:
		case NLMSG_ERROR:
			end_pass(table, carried_error(nlh));
			break;
		case SOCK_DIAG_BY_FAMILY:
			err = add_entry(table, nlh);
			if (err)
				end_pass(table, err);
			break;
		default:
			end_pass(table, -EBADMSG);
		}
	}
}

/* By cookie; of equal ones the youngest first. */
static int compare(const void *a, const void *b)
{
	const struct xtcp_entry *x = *(const struct xtcp_entry *const *)a;
	const struct xtcp_entry *y = *(const struct xtcp_entry *const *)b;
	uint64_t cx = xtcp_entry_cookie(x), cy = xtcp_entry_cookie(y);

	if (cx != cy)
		return cx < cy ? -1 : 1;
	return x < y ? 1 : -1;	/* never equal: they lie in one array */
}

/**
 * xtcp_table_finish - keep one entry of each socket
 * @table: after its last pass
 *
 * A pass that was not interrupted is complete: what earlier ones found is
 * dropped. Otherwise everything counts that any pass found. Of several entries
 * with one cookie the last found remains. The order is otherwise kept.
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_table_finish(struct xtcp_table *table)
{
	struct xtcp_entry **sorted;
	size_t i, kept = 0;

	if (!table->n)
		return 0;
	sorted = malloc(table->n * sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (i = 0; i < table->n; i++)
		sorted[i] = &table->entry[i];
	qsort(sorted, table->n, sizeof(*sorted), compare);
	for (i = 1; i < table->n; i++) {
		if (xtcp_entry_cookie(sorted[i]) == xtcp_entry_cookie(sorted[i - 1]))
			sorted[i]->pass = 0;	/* no pass has this number */
	}
	free(sorted);

	for (i = 0; i < table->n; i++) {
		if (!table->entry[i].pass ||
		    (!table->interrupted && table->entry[i].pass != table->pass))
			continue;
		if (kept != i)
			table->entry[kept] = table->entry[i];
		kept++;
	}
	table->n = kept;
	return 0;
}

/**
 * xtcp_table_free - give back what a table holds
 * @table: may be used again afterwards
 */
void xtcp_table_free(struct xtcp_table *table)
{
	free(table->entry);
	memset(table, 0, sizeof(*table));
}

static int one_pass(struct mnl_socket *nl, const struct xtcp_diag_req *req,
		    struct xtcp_table *table, char *buf)
{
	char out[MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof(*req))];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out);
	ssize_t n;

	nlh->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = ++table->pass;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(*req)), req, sizeof(*req));
	table->interrupted = false;
	table->done = false;
	table->err = 0;

	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -errno;
	while (!table->done) {
		n = mnl_socket_recvfrom(nl, buf, BUFFER_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EBADMSG;
		xtcp_table_feed(table, buf, n, table->pass);
	}
	return table->err;
}

/**
 * xtcp_dump - ask for all sockets that a request's filters let through
 * @req: request; sdiag_family is AF_XTCP
 * @table: out: the sockets, each once; all zero before
 *
 * A dump during which a table of the kernel changed its size is marked as
 * interrupted and done again, a bounded number of times; table->interrupted
 * says that the last one was, too, so that a socket may be missing.
 *
 * Return: 0 or -errno; -ENOENT: the kernel does not know the family. The
 * caller frees the table in either case.
 */
int xtcp_dump(const struct xtcp_diag_req *req, struct xtcp_table *table)
{
	struct mnl_socket *nl;
	char *buf;
	int err;

	buf = malloc(BUFFER_SIZE);
	if (!buf)
		return -ENOMEM;
	nl = mnl_socket_open(NETLINK_SOCK_DIAG);
	if (!nl) {
		err = -errno;
		goto out_free;
	}
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		goto out_close;
	}
	do {
		err = one_pass(nl, req, table, buf);
	} while (!err && table->interrupted && table->pass < PASSES_MAX);
	if (!err)
		err = xtcp_table_finish(table);
out_close:
	mnl_socket_close(nl);
out_free:
	free(buf);
	return err;
}
