int deep(int a)
{
	LIST_EACH(a, b) {
		if (a) {
			do {
				if (b)
					x();
				else if (c)
					for (;;)
						y();
			} while (z);
		}
	}
	return 0;
}
