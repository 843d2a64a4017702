/* The cases of the public Autobahn suite without compression, by its numbers, written anew: what the peer sends, what an
 * endpoint that echoes every message must send (the words are conformance.h's). Each is run in both roles and cut in
 * every way: whole, frame by frame, in octets and odd pieces. Its section 9 measures speed and has no place here; codes
 * 1012 to 1014 have been registered since. */
#include "tests/unit/test.h"

#include <errno.h>

#include "agent/base/cleanup.h"
#include "tests/unit/wire/conformance.h"

static const struct conformance_case {
	const char *id, *sent, *expected;
} cases[] = {
	{ "1.1.1", "T*0 X#1000", "T*0 X#1000" },
	{ "1.1.2", "T*125 X#1000", "T*125 X#1000" },
	{ "1.1.3", "T*126 X#1000", "T*126 X#1000" },
	{ "1.1.4", "T*127 X#1000", "T*127 X#1000" },
	{ "1.1.5", "T*128 X#1000", "T*128 X#1000" },
	{ "1.1.6", "T*65535 X#1000", "T*65535 X#1000" },
	{ "1.1.7", "T*65536 X#1000", "T*65536 X#1000" },
	{ "1.1.8", "T*65536 X#1000", "T*65536 X#1000" },
	{ "1.2.1", "B*0 X#1000", "B*0 X#1000" },
	{ "1.2.2", "B*125 X#1000", "B*125 X#1000" },
	{ "1.2.3", "B*126 X#1000", "B*126 X#1000" },
	{ "1.2.4", "B*127 X#1000", "B*127 X#1000" },
	{ "1.2.5", "B*128 X#1000", "B*128 X#1000" },
	{ "1.2.6", "B*65535 X#1000", "B*65535 X#1000" },
	{ "1.2.7", "B*65536 X#1000", "B*65536 X#1000" },
	{ "1.2.8", "B*65536 X#1000", "B*65536 X#1000" },
	{ "2.1", "P X#1000", "O X#1000" },
	{ "2.2", "P:Hello,_world! X#1000", "O:Hello,_world! X#1000" },
	{ "2.3", "P=00fffefdfcfb00ff X#1000", "O=00fffefdfcfb00ff X#1000" },
	{ "2.4", "P*125 X#1000", "O*125 X#1000" },
	{ "2.5", "P*126 | X#1000", "!1002" },
	{ "2.6", "P*125 X#1000", "O*125 X#1000" },
	{ "2.7", "O X#1000", "X#1000" },
	{ "2.8", "O:unsolicited X#1000", "X#1000" },
	{ "2.9", "O:unsolicited P:ping X#1000", "O:ping X#1000" },
	{ "2.10",
	  "P:payload-0 P:payload-1 P:payload-2 P:payload-3 P:payload-4 P:payload-5 P:payload-6 "
	  "P:payload-7 P:payload-8 P:payload-9 X#1000",
	  "O:payload-0 O:payload-1 O:payload-2 O:payload-3 O:payload-4 O:payload-5 O:payload-6 "
	  "O:payload-7 O:payload-8 O:payload-9 X#1000" },
	{ "2.11",
	  "P:payload-0 P:payload-1 P:payload-2 P:payload-3 P:payload-4 P:payload-5 P:payload-6 "
	  "P:payload-7 P:payload-8 P:payload-9 X#1000",
	  "O:payload-0 O:payload-1 O:payload-2 O:payload-3 O:payload-4 O:payload-5 O:payload-6 "
	  "O:payload-7 O:payload-8 O:payload-9 X#1000" },
	{ "3.1", "T1:Hello | X#1000", "!1002" },
	{ "3.2", "T:Hello T2:Hello | P", "T:Hello !1002" },
	{ "3.3", "T:Hello T3:Hello | P", "T:Hello !1002" },
	{ "3.4", "T:Hello T4:Hello | P", "T:Hello !1002" },
	{ "3.5", "B5=00ff | P", "!1002" },
	{ "3.6", "P6:Hello | P", "!1002" },
	{ "3.7", "X7#1000 | P", "!1002" },
	{ "4.1.1", "k3 | P", "!1002" },
	{ "4.1.2", "k4:payload | P", "!1002" },
	{ "4.1.3", "T:Hello k5 | P", "T:Hello !1002" },
	{ "4.1.4", "T:Hello k6:payload | P", "T:Hello !1002" },
	{ "4.1.5", "T:Hello k7:payload | P", "T:Hello !1002" },
	{ "4.2.1", "kb | P", "!1002" },
	{ "4.2.2", "kc:payload | P", "!1002" },
	{ "4.2.3", "T:Hello kd | P", "T:Hello !1002" },
	{ "4.2.4", "T:Hello ke:payload | P", "T:Hello !1002" },
	{ "4.2.5", "T:Hello kf:payload | P", "T:Hello !1002" },
	{ "5.1", "P-:frag1 | C:frag2", "!1002" },
	{ "5.2", "O-:frag1 | C:frag2", "!1002" },
	{ "5.3", "T-:frag1 C:frag2 X#1000", "T:frag1frag2 X#1000" },
	{ "5.4", "T-:frag1 C:frag2 X#1000", "T:frag1frag2 X#1000" },
	{ "5.5", "T-:frag1 C:frag2 X#1000", "T:frag1frag2 X#1000" },
	{ "5.6", "T-:frag1 P:ping C:frag2 X#1000", "O:ping T:frag1frag2 X#1000" },
	{ "5.7", "T-:frag1 P:ping C:frag2 X#1000", "O:ping T:frag1frag2 X#1000" },
	{ "5.8", "T-:frag1 P:ping C:frag2 X#1000", "O:ping T:frag1frag2 X#1000" },
	{ "5.9", "C:nothing | T:Hello", "!1002" },
	{ "5.10", "C:nothing | T:Hello", "!1002" },
	{ "5.11", "C:nothing | T:Hello", "!1002" },
	{ "5.12", "C-:nothing | T:Hello", "!1002" },
	{ "5.13", "C-:nothing | T:Hello", "!1002" },
	{ "5.14", "C-:nothing | T:Hello", "!1002" },
	{ "5.15", "T-:frag1 C:frag2 C-:frag3 | T:frag4", "T:frag1frag2 !1002" },
	{ "5.16", "C-:frag1 | T-:frag2 C:frag3 C-:frag1 T-:frag2 C:frag3", "!1002" },
	{ "5.17", "C:frag1 | T-:frag2 C:frag3 C:frag1 T-:frag2 C:frag3", "!1002" },
	{ "5.18", "T-:frag1 T:frag2 |", "!1002" },
	{ "5.19", "T-:f1 C-:f2 P:p1 C-:f3 C-:f4 P:p2 C:f5 X#1000", "O:p1 O:p2 T:f1f2f3f4f5 X#1000" },
	{ "5.20", "T-:f1 C-:f2 P:p1 C-:f3 C-:f4 P:p2 C:f5 X#1000", "O:p1 O:p2 T:f1f2f3f4f5 X#1000" },
	{ "6.1.1", "T X#1000", "T X#1000" },
	{ "6.1.2", "T- C- C X#1000", "T X#1000" },
	{ "6.1.3", "T- C-:middle C X#1000", "T:middle X#1000" },
	{ "6.2.1",
	  "T=48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121 X#1000",
	  "T=48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121 X#1000" },
	{ "6.2.2",
	  "T-=48656c6c6f2dc2b540c39fc3b6c3a4 C=c3bcc3a0c3a12d5554462d382121 X#1000",
	  "T=48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121 X#1000" },
	{ "6.2.3",
	  "T-=48 C-=65 C-=6c C-=6c C-=6f C-=2d C-=c2 C-=b5 C-=40 C-=c3 C-=9f C-=c3 C-=b6 C-=c3 C-=a4 "
	  "C-=c3 C-=bc C-=c3 C-=a0 C-=c3 C-=a1 C-=2d C-=55 C-=54 C-=46 C-=2d C-=38 C-=21 C=21 X#1000",
	  "T=48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121 X#1000" },
	{ "6.2.4",
	  "T-=ce C-=ba C-=e1 C-=bd C-=b9 C-=cf C-=83 C-=ce C-=bc C-=ce C=b5 X#1000",
	  "T=cebae1bdb9cf83cebcceb5 X#1000" },
	{ "6.3.1", "T=cebae1bdb9cf83cebcceb5eda080656469746564 |", "!1007" },
	{ "6.3.2",
	  "T-=ce C-=ba C-=e1 C-=bd C-=b9 C-=cf C-=83 C-=ce C-=bc C-=ce C-=b5 C-=ed C-=a0 C-=80 C-=65 C-=64 "
	  "C-=69 C-=74 C-=65 C=64 |",
	  "!1007" },
	{ "6.4.1", "T-=cebae1bdb9cf83cebcceb5f490 | C-=8080 C=656469746564", "!1007" },
	{ "6.4.2", "T-=cebae1bdb9cf83cebcceb5f4 C-=90 | C=8080656469746564", "!1007" },
	{ "6.4.3", "T-=cebae1bdb9cf83cebcceb5 C-=f490 | C=8080656469746564", "!1007" },
	{ "6.4.4", "T-=cebae1bdb9cf83cebcceb5 C-=f4 C-=90 | C=80", "!1007" },
	{ "6.5.1", "T=68656c6c6f24776f726c64 X#1000", "T=68656c6c6f24776f726c64 X#1000" },
	{ "6.5.2", "T=68656c6c6fc2a2776f726c64 X#1000", "T=68656c6c6fc2a2776f726c64 X#1000" },
	{ "6.5.3", "T=68656c6c6fe282ac776f726c64 X#1000", "T=68656c6c6fe282ac776f726c64 X#1000" },
	{ "6.5.4", "T=68656c6c6ff0a4ada2776f726c64 X#1000", "T=68656c6c6ff0a4ada2776f726c64 X#1000" },
	{ "6.5.5", "T=cebae1bdb9cf83cebcceb5 X#1000", "T=cebae1bdb9cf83cebcceb5 X#1000" },
	{ "6.6.1", "T=ce |", "!1007" },
	{ "6.6.2", "T=ceba X#1000", "T=ceba X#1000" },
	{ "6.6.3", "T=cebae1 |", "!1007" },
	{ "6.6.4", "T=cebae1bd |", "!1007" },
	{ "6.6.5", "T=cebae1bdb9 X#1000", "T=cebae1bdb9 X#1000" },
	{ "6.6.6", "T=cebae1bdb9cf |", "!1007" },
	{ "6.6.7", "T=cebae1bdb9cf83 X#1000", "T=cebae1bdb9cf83 X#1000" },
	{ "6.6.8", "T=cebae1bdb9cf83ce |", "!1007" },
	{ "6.6.9", "T=cebae1bdb9cf83cebc X#1000", "T=cebae1bdb9cf83cebc X#1000" },
	{ "6.6.10", "T=cebae1bdb9cf83cebcce |", "!1007" },
	{ "6.6.11", "T=cebae1bdb9cf83cebcceb5 X#1000", "T=cebae1bdb9cf83cebcceb5 X#1000" },
	{ "6.7.1", "T=00 X#1000", "T=00 X#1000" },
	{ "6.7.2", "T=c280 X#1000", "T=c280 X#1000" },
	{ "6.7.3", "T=e0a080 X#1000", "T=e0a080 X#1000" },
	{ "6.7.4", "T=f0908080 X#1000", "T=f0908080 X#1000" },
	{ "6.8.1", "T=f888808080 |", "!1007" },
	{ "6.8.2", "T=fc8480808080 |", "!1007" },
	{ "6.9.1", "T=7f X#1000", "T=7f X#1000" },
	{ "6.9.2", "T=dfbf X#1000", "T=dfbf X#1000" },
	{ "6.9.3", "T=efbfbf X#1000", "T=efbfbf X#1000" },
	{ "6.9.4", "T=f48fbfbf X#1000", "T=f48fbfbf X#1000" },
	{ "6.10.1", "T=f7bfbfbf |", "!1007" },
	{ "6.10.2", "T=fbbfbfbfbf |", "!1007" },
	{ "6.10.3", "T=fdbfbfbfbfbf |", "!1007" },
	{ "6.11.1", "T=ed9fbf X#1000", "T=ed9fbf X#1000" },
	{ "6.11.2", "T=ee8080 X#1000", "T=ee8080 X#1000" },
	{ "6.11.3", "T=efbfbd X#1000", "T=efbfbd X#1000" },
	{ "6.11.4", "T=f48fbfbf X#1000", "T=f48fbfbf X#1000" },
	{ "6.11.5", "T=f4908080 |", "!1007" },
	{ "6.12.1", "T=80 |", "!1007" },
	{ "6.12.2", "T=bf |", "!1007" },
	{ "6.12.3", "T=80bf |", "!1007" },
	{ "6.12.4", "T=80bf80 |", "!1007" },
	{ "6.12.5", "T=80bf80bf |", "!1007" },
	{ "6.12.6", "T=80bf80bf80 |", "!1007" },
	{ "6.12.7", "T=80bf80bf80bf |", "!1007" },
	{ "6.12.8",
	  "T=808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabac"
	  "adaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf |",
	  "!1007" },
	{ "6.13.1",
	  "T=c020c120c220c320c420c520c620c720c820c920ca20cb20cc20cd20ce20cf20d020d120d220d320d420d520d6"
	  "20d720d820d920da20db20dc20dd20de20df20 |",
	  "!1007" },
	{ "6.13.2", "T=e020e120e220e320e420e520e620e720e820e920ea20eb20ec20ed20ee20ef20 |", "!1007" },
	{ "6.13.3", "T=f020f120f220f320f420f520f620f720 |", "!1007" },
	{ "6.13.4", "T=f820f920fa20fb20 |", "!1007" },
	{ "6.13.5", "T=fc20fd20 |", "!1007" },
	{ "6.14.1", "T=c0 |", "!1007" },
	{ "6.14.2", "T=e080 |", "!1007" },
	{ "6.14.3", "T=f08080 |", "!1007" },
	{ "6.14.4", "T=f8808080 |", "!1007" },
	{ "6.14.5", "T=fc80808080 |", "!1007" },
	{ "6.14.6", "T=df |", "!1007" },
	{ "6.14.7", "T=efbf |", "!1007" },
	{ "6.14.8", "T=f7bfbf |", "!1007" },
	{ "6.14.9", "T=fbbfbfbf |", "!1007" },
	{ "6.14.10", "T=fdbfbfbfbf |", "!1007" },
	{ "6.15.1", "T=c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf |", "!1007" },
	{ "6.16.1", "T=fe |", "!1007" },
	{ "6.16.2", "T=ff |", "!1007" },
	{ "6.16.3", "T=fefeffff |", "!1007" },
	{ "6.17.1", "T=c0af |", "!1007" },
	{ "6.17.2", "T=e080af |", "!1007" },
	{ "6.17.3", "T=f08080af |", "!1007" },
	{ "6.17.4", "T=f8808080af |", "!1007" },
	{ "6.17.5", "T=fc80808080af |", "!1007" },
	{ "6.18.1", "T=c1bf |", "!1007" },
	{ "6.18.2", "T=e09fbf |", "!1007" },
	{ "6.18.3", "T=f08fbfbf |", "!1007" },
	{ "6.18.4", "T=f887bfbfbf |", "!1007" },
	{ "6.18.5", "T=fc83bfbfbfbf |", "!1007" },
	{ "6.19.1", "T=c080 |", "!1007" },
	{ "6.19.2", "T=e08080 |", "!1007" },
	{ "6.19.3", "T=f0808080 |", "!1007" },
	{ "6.19.4", "T=f880808080 |", "!1007" },
	{ "6.19.5", "T=fc8080808080 |", "!1007" },
	{ "6.20.1", "T=eda080 |", "!1007" },
	{ "6.20.2", "T=edadbf |", "!1007" },
	{ "6.20.3", "T=edae80 |", "!1007" },
	{ "6.20.4", "T=edafbf |", "!1007" },
	{ "6.20.5", "T=edb080 |", "!1007" },
	{ "6.20.6", "T=edbe80 |", "!1007" },
	{ "6.20.7", "T=edbfbf |", "!1007" },
	{ "6.21.1", "T=eda080edb080 |", "!1007" },
	{ "6.21.2", "T=eda080edbfbf |", "!1007" },
	{ "6.21.3", "T=edadbfedb080 |", "!1007" },
	{ "6.21.4", "T=edadbfedbfbf |", "!1007" },
	{ "6.21.5", "T=edae80edb080 |", "!1007" },
	{ "6.21.6", "T=edae80edbfbf |", "!1007" },
	{ "6.21.7", "T=edafbfedb080 |", "!1007" },
	{ "6.21.8", "T=edafbfedbfbf |", "!1007" },
	{ "6.22.1", "T=efbfbe X#1000", "T=efbfbe X#1000" },
	{ "6.22.2", "T=efbfbf X#1000", "T=efbfbf X#1000" },
	{ "6.22.3", "T=f09fbfbe X#1000", "T=f09fbfbe X#1000" },
	{ "6.22.4", "T=f09fbfbf X#1000", "T=f09fbfbf X#1000" },
	{ "6.22.5", "T=f0afbfbe X#1000", "T=f0afbfbe X#1000" },
	{ "6.22.6", "T=f0afbfbf X#1000", "T=f0afbfbf X#1000" },
	{ "6.22.7", "T=f0bfbfbe X#1000", "T=f0bfbfbe X#1000" },
	{ "6.22.8", "T=f0bfbfbf X#1000", "T=f0bfbfbf X#1000" },
	{ "6.22.9", "T=f18fbfbe X#1000", "T=f18fbfbe X#1000" },
	{ "6.22.10", "T=f18fbfbf X#1000", "T=f18fbfbf X#1000" },
	{ "6.22.11", "T=f19fbfbe X#1000", "T=f19fbfbe X#1000" },
	{ "6.22.12", "T=f19fbfbf X#1000", "T=f19fbfbf X#1000" },
	{ "6.22.13", "T=f1afbfbe X#1000", "T=f1afbfbe X#1000" },
	{ "6.22.14", "T=f1afbfbf X#1000", "T=f1afbfbf X#1000" },
	{ "6.22.15", "T=f1bfbfbe X#1000", "T=f1bfbfbe X#1000" },
	{ "6.22.16", "T=f1bfbfbf X#1000", "T=f1bfbfbf X#1000" },
	{ "6.22.17", "T=f28fbfbe X#1000", "T=f28fbfbe X#1000" },
	{ "6.22.18", "T=f28fbfbf X#1000", "T=f28fbfbf X#1000" },
	{ "6.22.19", "T=f29fbfbe X#1000", "T=f29fbfbe X#1000" },
	{ "6.22.20", "T=f29fbfbf X#1000", "T=f29fbfbf X#1000" },
	{ "6.22.21", "T=f2afbfbe X#1000", "T=f2afbfbe X#1000" },
	{ "6.22.22", "T=f2afbfbf X#1000", "T=f2afbfbf X#1000" },
	{ "6.22.23", "T=f2bfbfbe X#1000", "T=f2bfbfbe X#1000" },
	{ "6.22.24", "T=f2bfbfbf X#1000", "T=f2bfbfbf X#1000" },
	{ "6.22.25", "T=f38fbfbe X#1000", "T=f38fbfbe X#1000" },
	{ "6.22.26", "T=f38fbfbf X#1000", "T=f38fbfbf X#1000" },
	{ "6.22.27", "T=f39fbfbe X#1000", "T=f39fbfbe X#1000" },
	{ "6.22.28", "T=f39fbfbf X#1000", "T=f39fbfbf X#1000" },
	{ "6.22.29", "T=f3afbfbe X#1000", "T=f3afbfbe X#1000" },
	{ "6.22.30", "T=f3afbfbf X#1000", "T=f3afbfbf X#1000" },
	{ "6.22.31", "T=f3bfbfbe X#1000", "T=f3bfbfbe X#1000" },
	{ "6.22.32", "T=f3bfbfbf X#1000", "T=f3bfbfbf X#1000" },
	{ "6.22.33", "T=f48fbfbe X#1000", "T=f48fbfbe X#1000" },
	{ "6.22.34", "T=f48fbfbf X#1000", "T=f48fbfbf X#1000" },
	{ "6.23.1", "T=efbfb9 X#1000", "T=efbfb9 X#1000" },
	{ "6.23.2", "T=efbfba X#1000", "T=efbfba X#1000" },
	{ "6.23.3", "T=efbfbb X#1000", "T=efbfbb X#1000" },
	{ "6.23.4", "T=efbfbc X#1000", "T=efbfbc X#1000" },
	{ "6.23.5", "T=efbfbd X#1000", "T=efbfbd X#1000" },
	{ "6.23.6", "T=efbfbe X#1000", "T=efbfbe X#1000" },
	{ "6.23.7", "T=efbfbf X#1000", "T=efbfbf X#1000" },
	{ "7.1.1", "T:Hello X#1000", "T:Hello X#1000" },
	{ "7.1.2", "X#1000 X#1000", "X#1000" },
	{ "7.1.3", "X#1000 P", "X#1000" },
	{ "7.1.4", "X#1000 T:Hello", "X#1000" },
	{ "7.1.5", "T-:frag1 X#1000 C:frag2", "X#1000" },
	{ "7.1.6", "T*262144 X#1000 P", "T*262144 X#1000" },
	{ "7.3.1", "X", "X" },
	{ "7.3.2", "X:a |", "!1002" },
	{ "7.3.3", "X#1000", "X#1000" },
	{ "7.3.4", "X#1000:Hello", "X#1000" },
	{ "7.3.5", "X#1000*123", "X#1000" },
	{ "7.3.6", "X#1000*124 |", "!1002" },
	{ "7.5.1", "X#1000=cebae1bdb9cf83cebcceb5eda080", "!1007" },
	{ "7.7.1", "X#1000", "X#1000" },
	{ "7.7.2", "X#1001", "X#1001" },
	{ "7.7.3", "X#1002", "X#1002" },
	{ "7.7.4", "X#1003", "X#1003" },
	{ "7.7.5", "X#1007", "X#1007" },
	{ "7.7.6", "X#1008", "X#1008" },
	{ "7.7.7", "X#1009", "X#1009" },
	{ "7.7.8", "X#1010", "X#1010" },
	{ "7.7.9", "X#1011", "X#1011" },
	{ "7.7.10", "X#3000", "X#3000" },
	{ "7.7.11", "X#3999", "X#3999" },
	{ "7.7.12", "X#4000", "X#4000" },
	{ "7.7.13", "X#4999", "X#4999" },
	{ "7.9.1", "X#0 |", "!1002" },
	{ "7.9.2", "X#999 |", "!1002" },
	{ "7.9.3", "X#1004 |", "!1002" },
	{ "7.9.4", "X#1005 |", "!1002" },
	{ "7.9.5", "X#1006 |", "!1002" },
	{ "7.9.6", "X#1016 |", "!1002" },
	{ "7.9.7", "X#1100 |", "!1002" },
	{ "7.9.8", "X#2000 |", "!1002" },
	{ "7.9.9", "X#2999 |", "!1002" },
	{ "7.13.1", "X#5000 |", "!1002" },
	{ "7.13.2", "X#65535 |", "!1002" },
	{ "10.1.1",
	  "T-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 "
	  "C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 "
	  "C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 "
	  "C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 "
	  "C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C-*1300 C*536 X#1000",
	  "T*65536 X#1000" },
};

enum { LIMIT = 1 << 20 };

struct endpoint {
	struct websocket w;
	int error;
};

/* An endpoint that echoes takes the next bytes. */
static void take(struct endpoint *e, const char *p, size_t n)
{
	struct span bytes = { p, n };
	struct websocket_event event;
	int r;

	while ((r = websocket_read(&e->w, &bytes, &event)) == 1)
		if (event.kind == WEBSOCKET_TEXT || event.kind == WEBSOCKET_BINARY)
			assert_int_equal(websocket_send(&e->w, event.kind, event.payload), 0);
	if (r == 0)
		assert_int_equal(bytes.n, 0);
	e->error = r;
}

/* Pieces of `step` bytes; 0: frame by frame. */
static void run(const struct conformance_case *c, enum websocket_role role, size_t step)
{
	enum websocket_role peer = role == WEBSOCKET_SERVER ? WEBSOCKET_CLIENT : WEBSOCKET_SERVER;
	struct conformance_frames sent, expected;
	struct endpoint e = { 0 };
	AUTO_BUF got = BUF_INIT;
	size_t at = 0;

	conformance_encode(c->sent, peer, &sent);
	conformance_encode(c->expected, WEBSOCKET_SERVER, &expected);
	websocket_init(&e.w, role, LIMIT);
	for (size_t k = 0; at < sent.bytes.n; k++) {
		size_t end = step ? at + step : sent.ends[k];

		if (end > sent.bytes.n)
			end = sent.bytes.n;
		if (at < sent.enough && end > sent.enough)
			end = sent.enough;
		take(&e, sent.bytes.p + at, end - at);
		at = end;
		if (at == sent.enough && !e.error)
			fail_msg("%s: does not fail at once", c->id);
	}
	conformance_unmask(&e.w.out, role, &got);
	if (!span_eq(buf_span(&got), buf_span(&expected.bytes)) || expected.fails != (e.error < 0) ||
	    e.w.state != WEBSOCKET_CLOSED)
		fail_msg("%s as %s in pieces of %zu: error %d, %zu bytes", c->id,
			 role == WEBSOCKET_SERVER ? "server" : "client", step, e.error, got.n);
	websocket_free(&e.w);
	conformance_free(&sent);
	conformance_free(&expected);
}

static void every_case_holds_in_both_roles_however_cut(void **state)
{
	static const size_t steps[] = { SIZE_MAX >> 1, 0, 1, 997, 3 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t k = 0; k < ARRAY_LEN(steps); k++)
			for (enum websocket_role role = WEBSOCKET_CLIENT; role <= WEBSOCKET_SERVER; role++)
				run(&cases[i], role, steps[k]);
	print_message("%zu cases in both roles\n", ARRAY_LEN(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_holds_in_both_roles_however_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
