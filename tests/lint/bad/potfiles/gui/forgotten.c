const char *greeting(void) { return _("Hello"); }
