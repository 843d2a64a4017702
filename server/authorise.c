#include "server/authorise.h"

#include <errno.h>
#include <string.h>

#include "agent/base/cleanup.h"

static const char *const roles[] = {
	[AUTHORISE_VIEWER] = "viewer", [AUTHORISE_INVESTIGATOR] = "investigator", [AUTHORISE_ADMINISTRATOR] = "administrator",
};

enum object { NOTHING, SEEN, OWN }; /* what a request is about: nothing, what the user sees, what is the user's */

static const struct rule {
	const char *name;
	enum authorise_role least;
	enum object object;
} rules[AUTHORISE_REQUEST_COUNT] = {
	[AUTHORISE_OWN_PASSWORD] = { "change password", AUTHORISE_VIEWER, OWN },
	[AUTHORISE_LIST_ENDPOINTS] = { "list endpoints", AUTHORISE_VIEWER, NOTHING },
	[AUTHORISE_OPEN_SESSION] = { "open session", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_CLOSE_SESSION] = { "close session", AUTHORISE_INVESTIGATOR, OWN },
	[AUTHORISE_CAPTURE] = { "capture", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_SAVE_FILE] = { "save file", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_LIST_FILES] = { "list files", AUTHORISE_VIEWER, NOTHING },
	[AUTHORISE_OPEN_FILE] = { "open file", AUTHORISE_VIEWER, SEEN },
	[AUTHORISE_DELETE_FILE] = { "delete file", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_LIST_SNAPSHOTS] = { "list snapshots", AUTHORISE_VIEWER, NOTHING },
	[AUTHORISE_OPEN_SNAPSHOT] = { "open snapshot", AUTHORISE_VIEWER, SEEN },
	[AUTHORISE_UPLOAD_SNAPSHOT] = { "upload snapshot", AUTHORISE_INVESTIGATOR, NOTHING },
	[AUTHORISE_DELETE_SNAPSHOT] = { "delete snapshot", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_READ_EVIDENCE] = { "read evidence", AUTHORISE_VIEWER, SEEN },
	[AUTHORISE_ADD_EVIDENCE] = { "add evidence", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_DELETE_EVIDENCE] = { "delete evidence", AUTHORISE_INVESTIGATOR, SEEN },
	[AUTHORISE_READ_IOCS] = { "read IOCs", AUTHORISE_VIEWER, NOTHING },
	[AUTHORISE_EDIT_IOCS] = { "edit IOCs", AUTHORISE_INVESTIGATOR, NOTHING },
	[AUTHORISE_READ_POLICIES] = { "read policies", AUTHORISE_VIEWER, NOTHING },
	[AUTHORISE_EDIT_POLICIES] = { "edit policies", AUTHORISE_INVESTIGATOR, NOTHING },
	[AUTHORISE_LIST_USERS] = { "list users", AUTHORISE_ADMINISTRATOR, NOTHING },
	[AUTHORISE_EDIT_USERS] = { "edit users", AUTHORISE_ADMINISTRATOR, NOTHING },
	[AUTHORISE_EDIT_GROUPS] = { "edit groups", AUTHORISE_ADMINISTRATOR, NOTHING },
	[AUTHORISE_LIST_TOKENS] = { "list tokens", AUTHORISE_ADMINISTRATOR, NOTHING },
	[AUTHORISE_EDIT_TOKENS] = { "edit tokens", AUTHORISE_ADMINISTRATOR, NOTHING },
	[AUTHORISE_REVOKE_ENDPOINT] = { "revoke endpoint", AUTHORISE_ADMINISTRATOR, SEEN },
	[AUTHORISE_DELETE_ENDPOINT] = { "delete endpoint", AUTHORISE_ADMINISTRATOR, SEEN },
	[AUTHORISE_READ_ACTIVITY] = { "read activity log", AUTHORISE_ADMINISTRATOR, NOTHING },
};

const char *authorise_role_name(enum authorise_role role)
{
	return role > AUTHORISE_NONE && role < ARRAY_LEN(roles) ? roles[role] : NULL;
}

enum authorise_role authorise_role_named(const char *name)
{
	for (size_t i = AUTHORISE_VIEWER; i < ARRAY_LEN(roles); i++)
		if (strcmp(roles[i], name) == 0)
			return i;
	return AUTHORISE_NONE;
}

const char *authorise_request_name(enum authorise_request request)
{
	return request < AUTHORISE_REQUEST_COUNT ? rules[request].name : NULL;
}

static bool sees(const struct authorise_who *who, int64_t group)
{
	size_t from = 0, to = who->n_sees;

	if (who->role == AUTHORISE_ADMINISTRATOR || !who->limited)
		return true;
	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (who->sees[mid] == group)
			return true;
		if (who->sees[mid] < group)
			from = mid + 1;
		else
			to = mid;
	}
	return false;
}

/* An administrator may end what others began, but a password is its owner's: others' are set by editing users. */
static bool owns(const struct authorise_who *who, enum authorise_request request, const struct authorise_what *what)
{
	if (who->role == AUTHORISE_ADMINISTRATOR && request == AUTHORISE_CLOSE_SESSION)
		return true;
	return who->user != 0 && what->owner == who->user;
}

int authorise(const struct authorise_who *who, enum authorise_request request, const struct authorise_what *what)
{
	const struct rule *rule;

	if (request >= AUTHORISE_REQUEST_COUNT)
		return -EINVAL;
	rule = &rules[request];
	if ((rule->object == NOTHING) != (what == NULL))
		return -EINVAL;
	if (who->disabled || who->role < rule->least || who->role > AUTHORISE_ADMINISTRATOR)
		return -EACCES;
	if (rule->object == SEEN && !sees(who, what->group))
		return -ENOENT;
	if (rule->object == OWN && !owns(who, request, what))
		return -ENOENT;
	return 0;
}
