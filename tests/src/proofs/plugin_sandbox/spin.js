// A worker that never ends.
for (;;);
