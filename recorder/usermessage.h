/* usermessage: the records that programs write themselves (audit_log_user_message(3)): fields of the kernel in front, what
 * the program says in msg='…'. What stands inside cannot pose as what the kernel says. */
#pragma once

#include "recorder/syscall-record.h"

struct usermessage {
	struct syscall_record kernel; /* pid, uid, auid, session; exe as the program says */
	struct span text;             /* inside msg='…'; absent when there is no such thing */
	bool plain;                   /* written by an old PAM: names are not encoded */
};

void usermessage_parse(struct span body, struct usermessage *ret);
/* A field of the text: "acct", "hostname". False when it has none, or it is unknown ("?"). */
bool usermessage_find(const struct usermessage *m, struct span key, struct record_field *ret);
/* Its value, decoded where it is a string; in the arena or in the text. Absent when unknown. */
struct span usermessage_string(const struct usermessage *m, struct span key, struct arena *arena);
/* 1 success, 0 failure, -1 not told. */
int usermessage_result(const struct usermessage *m);
/* What was done: "op=…" up to the next field, or what stands in front of all fields ("PAM: authentication"). */
struct span usermessage_operation(const struct usermessage *m);
