/* wire: the messages, type by type. All ride in FRAME_TEXT frames as message.h writes them.
 *
 * Every message: "v" 1; "id" the call it belongs to, given by the asking side, rising from 1; "type". An answer bears
 * the id of its call. One call at a time. Unknown members are ignored, an unknown type ends the session.
 * int: an integer within ±2^63; text: see message.h; [a, b]: a list with exactly these values in this order.
 *
 * Limits: WIRE_REQUEST for what the asking side sends, WIRE_ANSWER for what it gets back.
 *
 * Asking side → data side
 *   "session.open"   path text, check bool, live bool        first and once, only on a confined child's socket
 *   "cancel"                                                 the call of that id; too late is no error
 *   "reader.info"
 *   "reader.count"        where text, from int, to int, step int
 *   "reader.page"         where text, from int, to int, newest bool, at int, skip int, n int
 *   "reader.histogram"    where text, from int, to int, bins int
 *   "reader.process"      process int
 *   "reader.timeline"     process int, from int, to int, bins int, children int
 *   "reader.tree"         process int, limits [up, down, peers, children]
 *   "reader.distribution" where text, from int, to int
 *   "reader.lanes" where text, from int, to int, bins 0 to 8192, by 0 to 4 (kind, user, executable, container, process),
 *              lanes 0 to 2000; lanes × bins at most 2^20
 *   "reader.story" process int, children 0 to 10000
 *   "reader.completeness" from int, to int, kinds int (bits 1 << category; 0: all)
 *   "reader.values" where text, from int, to int, field text (a name of field.h), rare bool, max 0 to 1000,
 *              part text (at most 4096 bytes), prefix, quick bool
 *   "reader.space" costs 0 to 200
 *   "reader.inventory"
 *   "reader.cells" ids [event id …] at most 256, fields [text …] (names of field.h) at most 24, rules [text …]
 *              (expressions) at most 16
 *
 *   where: an expression as text (recorder/query/expr.h), null for everything. from, to: ms UTC, [from, to).
 *   Times in answers outside the years 0 to 9999 are taken as the nearest that is inside.
 *
 * Data side → asking side
 *   "alive"          the call still runs; sent every WIRE_ALIVE_MS, so that silence means that the other side hangs
 *   "progress"       permille int: of the check while opening; of space and inventory
 *   "error"          error text: a name of WIRE_ERRORS; text text: one line for people or null
 *   "opened"         answer to session.open
 *   "info"           host text, schema int, first int, last int, recorded int, events int, processes int, unparsed int,
 *                    categories [one count per category, in enum event_category's order],
 *                    gaps [[from, to, cause, count] …], records [[name, count, used] …],
 *                    lines [[line, reason] …]
 *   "count"          total int, categories [counts], step int, anchors [event id …]
 *   "page"           more bool, rows [[id, time, process, image, pid, action, category, result, port, port2, flags,
 *                    uid, euid, auid, session, serial, count, span, executable, command_line, user, comm,
 *                    object, object2] …]
 *   "histogram"      from int, bin int (ms), bins int, counts [bins × categories counts, in reader_histogram's order;
 *                    a run of n zeros is one value -n]
 *   "process"        process, pid, boot, start, end int, start_known bool, origin, exit, signal int, host text,
 *                    parent, parent_image, parent_pid int, parent_executable, parent_command_line text,
 *                    children int, categories [counts], images [[id, start, end, origin, executable, comm,
 *                    command_line, cwd, user, audit_user, tty, md5, sha256, hash_reason, uid, gid, euid, egid,
 *                    auid, session, [argument …]] …]
 *   "timeline"       from, bin, bins int, counts, child_counts (as in histogram), left_out int, children [node …],
 *                    marks [child, bin, category, count, child, …]
 *   "tree"           ancestors, peers int, peers_left_out, children_left_out int, nodes [node …]
 *   "distribution"   shares [[action, count] …]
 *   "lanes"      from, bin int, bins, left_out, events_left_out, lanes [[name, key, total, [category …]] …], counts (of
 *                all lanes together, as in "histogram")
 *   "completeness" verdict 1 to 4 (fully, as chosen, partly, not), from, to, kinds int, reasons [[why, from, to, count,
 *                kinds int, whole, note bool, rows int] …], at most 1000
 *   "space"      bytes, event_bytes, recorded int, costs [[by, key int, name text, rows, events, bytes int] …]: by does
 *                not fall, at most `costs` of each
 *   "inventory"  left_out int, things [[area int, name, detail text, port, first, last, count int, by text] …]
 *   "story"      nodes as in "tree", left_out, session, auid, logon int, user, source, terminal, logon_type text
 *   "values"     distinct int, more bool, rows, events, without int, values [[text, cut bool, rows, events int] …],
 *                at most as many as asked for
 *   "cells"      cells [[fulfilled int (bits 1 << rule), text or null of each field …] …], one for each id
 *
 *   node: [process, parent, pid, start, end, exit, signal, start_known, children, name, executable, command_line,
 *          user]
 */
#pragma once

enum {
	WIRE_REQUEST_BYTES = 8 << 20,   /* an expression is at most 1 MB, and JSON makes a byte six at worst */
	WIRE_REQUEST_VALUES = 1024,
	WIRE_ANSWER_BYTES = 64 << 20,
	WIRE_ANSWER_VALUES = 2 << 20,
	WIRE_ALIVE_MS = 1000,
	WIRE_SILENCE_MS = 15000,        /* without a byte from a side that has a call to answer: it hangs */
	WIRE_CANCEL_MS = 3000,          /* from a cancel to the answer: longer, and it hangs */
	WIRE_CALL_MS = 300000,          /* a call without answer or progress, however alive the other side says it is */
};

/* X(errno): the errors that cross the wire by name, as their numbers differ between architectures. */
#define WIRE_ERRORS(X) \
	X(EACCES) X(EBADMSG) X(EBUSY) X(ECANCELED) X(EFBIG) X(EINVAL) X(EIO) X(EISDIR) X(ELOOP) X(EMSGSIZE) X(ENODATA) \
	X(ENOENT) X(ENOMEM) X(ENOSPC) X(ENOSYS) X(ENOTDIR) X(ENOTSUP) X(ENXIO) X(EPERM) X(EPROTONOSUPPORT) X(EROFS) \
	X(ETIMEDOUT) X(EXDEV) X(E2BIG) X(EMFILE) X(ENAMETOOLONG) X(EOVERFLOW) X(ERANGE)
