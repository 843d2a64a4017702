#include "gui/help.h"

#include <string.h>

#include "gui/i18n.h"

static const struct help_topic topics[] = {
	{ "home", N_("First steps"),
	  N_("Spoor reads what an endpoint has recorded: programs started, files written, connections made, logons.\n\n"
	     "Open a snapshot (.db) or an audit log with Ctrl+O, or drop it on the window. Audit logs may be compressed; they "
	     "become a temporary recording first. The file itself is never changed, and is read by a process that can do "
	     "nothing else.\n\n"
	     "Each page is a tab. A middle click or Ctrl+Enter opens one behind the page in sight. Alt+Left goes back. "
	     "Ctrl+? lists all keys.") },
	{ "explorer", N_("Explorer"),
	  N_("The explorer lists events. Choose a kind above, write an expression in the filter bar (Ctrl+/), or build one of "
	     "conditions (Ctrl+B). The bars show how many events there were when: drag over them to choose a range.\n\n"
	     "The line above the list says whether all that is asked for was recorded, and what is missing. Click it to see "
	     "why.\n\n"
	     "Group (Ctrl+Shift+G) shows which values a field has, and how many events have each; Columns makes any field a "
	     "column.\n\n"
	     "The menu of a value (right click, or the Menu key) filters by it, finds its process, and copies it. Enter opens "
	     "the process of a row. A row can be dragged into another program.") },
	{ "list", N_("The list of events"),
	  N_("Rows have the colour of the first rule that they fulfil; its name is in the row's tooltip. Colours, above the "
	     "list, shows the rules: each is a name, an expression and a colour, and can be switched off, moved and removed. "
	     "“Colour rows like this” in the menu of a value makes a new one of it. They are kept for all recordings.\n\n"
	     "Drag the head of a column to move it, its edge to make it wider. By keyboard, Ctrl+Shift+Left and Right move the "
	     "column that Left and Right have chosen. Columns shows and hides them, wraps long values, and brings the "
	     "first order back.\n\n"
	     "Shift and a click, or Shift and the arrows, select several rows; Ctrl and a click selects one more, or one less; "
	     "Ctrl+A all, Escape only one. They are copied (Ctrl+C the values, Ctrl+Shift+C the rows, more in the menu), marked, "
	     "noted and exported together; undo takes back what was said of all of them.") },
	{ "expressions", N_("Expressions"),
	  N_("An expression says which events are meant, for example:\n\n"
	     "process.name == curl and not user.name == root\n\n"
	     "Compare with == != < <= > >= contains startswith endswith matches in cidr exists; join with and, or, not and "
	     "parentheses. Capital letters do not matter unless the value is marked “cased”. Times may be relative: "
	     "@timestamp >= -1h.\n\n"
	     "The filter bar completes names of fields and values that occur. It turns green when the expression is one; else "
	     "the line below it says what is wrong and where.") },
	{ "process", N_("Process page"),
	  N_("One process: its details, its timeline, its tree, and its events, each of which can be hidden by the buttons at "
	     "the top. What is chosen in one is shown in the others.\n\n"
	     "A field that is not known says why. “Login story” shows everything that the logon of this process caused; “Show "
	     "in explorer” lists its events among all others.") },
	{ "timeline", N_("Timeline"),
	  N_("Each lane has the events of one kind, or one user, program or container. The taller a mark, the more events it "
	     "stands for. Hatched areas are gaps: there something was lost.\n\n"
	     "Scroll to zoom, drag to move, or use + and −, arrows and 0 to see all. Shift and drag zooms to a box. A and B set "
	     "markers and show the time between them, F finds, L explains the signs.\n\n"
	     "M makes a bookmark, kept beside the recording for every timeline of it; N and Shift+N go to the next and the "
	     "one before, and the list beside the ribbon goes to one, renames or removes it.") },
	{ "tree", N_("Tree"),
	  N_("From left to right: who started the process, the process, and whom it started. Siblings of one name are one group "
	     "until it is opened.\n\n"
	     "Arrows move, Enter opens, Z hides what is below a process, F finds. The slider shows the tree as it was at an "
	     "instant.") },
	{ "story", N_("Login story"),
	  N_("Everything that one logon caused, across su and sudo: a timeline above, the tree below, with the address it came "
	     "from on each process.\n\n"
	     "It is opened by the button on a process page, or in the menu of a row that belongs to a logon.") },
	{ "distribution", N_("Event distribution"),
	  N_("How many events there are of each kind and action, and which programs and folders take the most space. What takes "
	     "space and tells little can be left out by a rule of the recorder's configuration: the page writes it.") },
	{ "compare", N_("Comparing two recordings"),
	  N_("What the later of two recordings of a host has that the earlier one has not: programs, listeners, accounts, "
	     "modules, files that start programs; what is changed, and what is gone. Open one, choose “Compare with…” in the "
	     "menu of the window, then the other file. Each row opens in the explorer of its recording.") },
	{ "notes", N_("Marks, tags and comments"),
	  N_("Ctrl+M marks a row, Ctrl+E gives it tags and a comment. They are kept in a case file beside the snapshot, never "
	     "in it. Ctrl+Shift+N and Ctrl+Shift+B go to the next and the previous mark.") },
	{ "export", N_("Export"),
	  N_("Ctrl+Shift+E, or the button Export, writes what a page shows into a file for other programs: a spreadsheet, CSV, "
	     "JSON lines, or what Timesketch takes; the button's menu also the selected rows, or the whole recording. With it "
	     "goes what was asked, the SHA-256 of the recording, and whether that was all that happened: on the sheet “About”, "
	     "or in a file NAME.meta.json beside it. No cell is ever a formula.") },
	{ "snapshots", N_("Snapshots"),
	  N_("All recordings that are open, by host. On the endpoint, “spoor-agent snapshot --db FILE DIR” writes one "
	     "consistent file while recording goes on. An audit log of an endpoint without Spoor will do, too: it can only say "
	     "that nothing is missing from it.\n\n"
	     "Below them are the snapshots at the servers that are connected, the newest first. Enter opens one in place: it "
	     "is read at the server, like a live endpoint, and nothing is copied; marks and comments cannot be kept for it. "
	     "Download takes one into a file here; a break does not begin it anew, and it has its name once it is whole. "
	     "Deleting one, or all of a host, is asked about first: it is for everybody.") },
	{ "live", N_("Live endpoints"),
	  N_("An endpoint whose agent is connected to a Spoor server is read like a snapshot while it runs: connect to the "
	     "server, then add endpoints by computer name or address. Machines of one name are told apart by their "
	     "address and last contact.\n\n"
	     "The first time, the server's fingerprint is shown: compare it with what “spoor-server setup” printed. It is "
	     "remembered, and another one is refused. Passwords are not kept.\n\n"
	     "Follow shows the newest events as they come. It waits while a row is selected or you have scrolled elsewhere, and "
	     "says how many are new. When the connection is lost, what is shown stays, and it comes back by itself. “Close "
	     "connection” closes those that are selected on the page; the server closes what nobody asks anything for ten "
	     "minutes.") },
	{ "files", N_("Saved files"),
	  N_("The menu of a row of a live endpoint saves the file of the row, and the executable of its process: also one that was "
	     "deleted and still runs. Only regular files are saved, within the server's limits; one that changes while it is "
	     "read is not kept.\n\n"
	     "The server keeps them. Saved evidence, Files lists them with path, SHA-256, owner, mode and time of change as they "
	     "were, and who saved them when. Each value can be copied; investigators delete them.") },
	{ "areas", N_("Evidence, indicators, policies"),
	  N_("These areas are not part of this version yet. Each says what can be done now instead.") },
};

guint help_count(void)
{
	return G_N_ELEMENTS(topics);
}

struct help_topic help_nth(guint i)
{
	return (struct help_topic){ topics[i].id, _(topics[i].title), _(topics[i].text) };
}

guint help_find(const char *id)
{
	guint last = G_N_ELEMENTS(topics) - 1;

	for (guint i = 0; i < last; i++)
		if (g_strcmp0(topics[i].id, id) == 0)
			return i;
	return last;
}

gboolean help_matches(guint i, const char *words)
{
	g_autofree char *all = g_strconcat(_(topics[i].title), "\n", _(topics[i].text), NULL);
	g_autofree char *text = g_utf8_casefold(all, -1), *folded = g_utf8_casefold(words, -1);
	g_auto(GStrv) parts = g_strsplit_set(folded, " \t", -1);

	for (char **p = parts; *p; p++)
		if (!strstr(text, *p))
			return FALSE;
	return TRUE;
}
