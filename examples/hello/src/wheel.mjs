// Eight spokes seen from the side; a turn moves the paddle that is under water.
const spokes = ['|', '/', '-', '\\'];

export function wheel(hour) {
  const spoke = spokes[hour % spokes.length];
  const flow = '~'.repeat(4 + (hour % 3));
  return [
    '      .-"""-.',
    `     /   ${spoke}   \\`,
    `    |  ${spoke}-(o)-${spoke}  |`,
    `     \\   ${spoke}   /   `,
    `~~~~~~'-...-'${flow}`,
  ].map((line) => line.trimEnd()).join('\n');
}
