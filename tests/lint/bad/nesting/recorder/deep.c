int deep(int a)
{
	for (int i = 0; i < a; i++)
		while (a)
			if (a > 1) {
				switch (a) {
				case 2:
					if (i)
						return 1;
				}
			}
	return 0;
}
