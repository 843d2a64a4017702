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
 *   at: an event's id: begins with the first row at or past it in that order, 0: the very first; then skip rows further.
 *   Times in answers outside the years 0 to 9999 are taken as the nearest that is inside.
 *
 * Data side → asking side
 *   "alive"          the call still runs; sent every WIRE_ALIVE_MS, so that silence means that the other side hangs
 *   "progress"       permille int: of the check while opening; of space, inventory and values
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

/* ==== Between programs ====
 *
 * All connections are WebSocket (RFC 6455, no extensions) over TLS 1.2 (agent/net/tls.h), dialled by app and agent:
 *
 *   17443  /app            an app's control connection            no client certificate; see "app.login"
 *   17443  /data/TICKET    an app's end of a session or transfer
 *   17444  /agent          an agent's control connection, that stays; the certificate's key is its identity
 *   17444  /data/TICKET    an agent's end of a session or transfer
 *   17444  /enrol          an agent that has no certificate yet, for one "agent.enrol"
 *   both   GET /status     plain HTTP
 *   17443  PUT /snapshots/HOST_YYYY_MM_DD….db   plain HTTP: a snapshot comes, see below
 *
 * A session (reader calls) and a transfer (bulk) have a connection of their own on each side, which the server splices: no
 * large answer is in another's way, each is slowed down by TCP alone, and a program that dies takes its sessions with
 * it. A ticket is made by the server, fits one side of one session, once, within WIRE_TICKET_MS.
 *
 * Control connections carry text messages (agent/wire/control.h writes and reads them), each within WIRE_CONTROL_BYTES,
 * before login or welcome within WIRE_GREETING_BYTES. "v" is the form of the envelope and stays 1. "id": as above; what
 * nobody asked for (told below as "→ news") has id 0. Several calls may be under way. Unknown members are ignored; an
 * unknown type is answered with "error" ENOSYS, or left alone when its id is 0. Numbers that do not fit their limits,
 * text that is too long, and members that are missing end the connection. Type names are never reused for something else.
 *
 * In this list: text ≤N: UTF-8 of at most N bytes without NUL; bytes ≤N: any (message.h says how); ?: may be null; uint: 0
 * to 2^53; time: ms UTC. An endpoint is named by the SHA-256 of its public key (SubjectPublicKeyInfo), 64 hex digits.
 *
 * A snapshot by plain HTTP: "Authorization: Bearer TOKEN", where TOKEN is that of an "app.welcome" or of spoor-server user
 * token; Content-Length; X-SHA256?: 64 hex digits of what is sent. The name has letters, digits, ".", "_" and "-", ends in
 * ".db", and tells host and time (HOST_2026_11_20T08.55.01.204Z.db, or the day alone). 201 with {"capture": text, "host":
 * text, "bytes": uint, "sha256": text}, and it is listed as a capture that is done, of the endpoint of that name; else a
 * line of plain text: 401 who are you, 403 that user may not, 409 that name is here, 411 Content-Length is missing, 413
 * larger than is allowed, 422 no name, digest or recording that is taken, 429 too many failed tokens, 503 too many at once,
 * 507 no room. The connection then closes.
 *
 * Greeting: the side that dialled says "hello" first, and nothing before the answer.
 *   "hello"            protocol_min, protocol_max uint ≤65535; program, version text ≤32; host text ≤255
 *   "welcome"          protocol uint ≤65535: the highest that both speak; program, version text ≤32; time
 *   "unwelcome"        protocol_min, protocol_max uint ≤65535; version text ≤32; text ≤1000: who must be updated, for people.
 *                      The connection is closed with 1008 after it.
 *
 * For every call
 *   "done"             what was asked for is done
 *   "error"            error text ≤32: a name of WIRE_ERRORS; text ≤1000?: a line for people
 *
 * App → server
 *   "app.login"        user text ≤64; password text ≤1024. First, and again after an EACCES at the earliest a second later
 *   "app.resume"       token text ≤128: of an "app.welcome" that has not expired
 *   "app.logout"       the token is forgotten, the connection closed
 *   "endpoint.list"    match text ≤255?: part of a host's name or address; after text ≤64?: the last endpoint of the page
 *                      before; n uint 1 to 1000
 *   "live.open"        endpoint text ≤64: begins a session of reader calls
 *   "live.close"       session uint
 *   "capture.start"    endpoint text ≤64
 *   "capture.pause", "capture.resume", "capture.delete"  capture text ≤64. One that is under way is cancelled by deleting it
 *   "capture.list"     host text ≤255?; after text ≤64?; n uint 1 to 1000
 *   "capture.open"     capture text ≤64: the server's confined child answers reader calls about it
 *   "capture.fetch"    capture text ≤64; offset uint: 0 (bulk.accept tells where it goes on)
 *   "file.save"        session uint; path bytes ≤4096, no NUL; process uint: 0, or whose executable is meant when path is
 *                      gone; max_bytes uint. The server keeps it, unless the app's connection ends before it is whole
 *   "file.list"        host text ≤255?; after text ≤64?; n uint 1 to 100: those that are kept
 *   "file.fetch"       file text ≤64
 *   "file.delete"      file text ≤64. One that is under way is cancelled
 * Server → app
 *   "app.welcome"      user text ≤64; role "viewer", "investigator" or "administrator"; token text ≤128; expires time
 *   "endpoints"        more bool; endpoints, at most 1000: [endpoint text ≤64, host text ≤255, group text ≤64, address text
 *                      ≤64, version text ≤32, state "away", "here" or "revoked", last_contact time, first time, last time
 *                      (of its recording)]
 *   "ticket"           session uint; ticket text ≤64: dial /data/TICKET for it. Answers live.open, capture.open (then reader
 *                      calls follow) and capture.fetch, file.fetch (then bulk)
 *   "live.state"       → news. session uint; state "attempted", "connected", "failed" or "closed"; error text ≤32?; text
 *                      ≤1000?
 *   "capture"          capture text ≤64; state: "running", "paused", "waiting" (for its endpoint), "done" or "failed"; done,
 *                      bytes uint; error text ≤32?; text ≤1000?. Answers capture.start, and → news
 *   "captures"         more bool; captures, at most 1000: [capture text ≤64, endpoint text ≤64, host text ≤255, name text
 *                      ≤255, taken time, state, done uint, bytes uint, sha256 text ≤64?, by text ≤64]
 *
 *   "file"             file text ≤64: a name until it is whole, "file.list" has another; state "running", "done" or "failed";
 *                      done, bytes uint; error text ≤32?; text ≤1000?. Answers file.save, and → news to who asked for it
 *   "files"            more bool; files, at most 100: [file text ≤64, endpoint text ≤64, host text ≤255, path bytes ≤4096,
 *                      saved time, bytes uint; mode, uid, gid uint ≤4294967295 and modified time as offered; sha256 text
 *                      ≤64, by text ≤64]
 *
 * Agent → server
 *   "agent.enrol"      on /enrol. token text ≤128; key bytes ≤1024: SubjectPublicKeyInfo; host text ≤255; machine text ≤64
 *   "agent.state"      → news, after the welcome, when it changes, and every WIRE_STATE_MS. recording bool; text ≤1000?: what
 *                      is wrong; first, last time; bytes uint: of the recording
 * Server → agent
 *   "agent.enrolled"   certificate text ≤16384, authority text ≤16384: PEM
 *   "agent.dial"       ticket text ≤64: dial /data/TICKET, and do there: task "reader", "capture" or "file"; path bytes
 *                      ≤4096?, process uint, max_bytes uint: of a file, as in file.save; of a capture path is its name: the
 *                      same one means the same content, once more. Answered with done when dialled.
 *   "agent.log"        level "error", "warning", "info" or "debug": of the client's log, until it ends
 *
 * On /data/TICKET: "hello" and its answer, then
 *   "data.ready"       → news from the server: both ends are there
 * and for reader sessions the calls and answers above, verbatim, or for transfers
 *   "bulk.offer"       by who sends. transfer uint ≤4294967295; name bytes ≤4096; size uint (a guess: END tells); mode, uid,
 *                      gid uint ≤4294967295; modified time: of a file. The same content keeps its identity text ≤64
 *   "bulk.accept"      by who receives. transfer; offset uint: what it has of that identity
 * and binary messages (agent/wire/bulk.h) of at most BULK_MAX_MESSAGE bytes.
 * An endpoint that will not, or cannot, bring a file closes with 1008 and why, for people; the server passes that on.
 */

enum {
	WIRE_PROTOCOL_MIN = 1, WIRE_PROTOCOL_MAX = 1, /* what this program speaks */
	WIRE_GREETING_BYTES = 64 << 10,
	WIRE_CONTROL_BYTES = 4 << 20,
	WIRE_CONTROL_VALUES = 16384,
	WIRE_MAX_ROWS = 1000,          /* of a list */
	WIRE_MAX_FILES = 100,          /* of one of files, whose paths are long */
	WIRE_TICKET_MS = 30000,
	WIRE_STATE_MS = 300000,
	WIRE_IDLE_MS = 600000,         /* a session without a call is closed */
};

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
