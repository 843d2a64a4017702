const char *place = "/nonesuch/shared/data";
