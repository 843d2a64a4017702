int wire_load(const char *path)
{
	return open(path, 0);
}
