/** The processor's time that this worker has taken, ms: a bound of it holds beside other work, too. */
export function busy(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
