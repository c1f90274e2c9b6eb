/** The sandbox's people, by role; each browser context is one of them. */
export async function personaId(url: string, role: string, name?: string): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1' },
    body: JSON.stringify({ query: '{ demoPersonas { id name role } }' }),
  });
  const { data } = (await response.json()) as { data: { demoPersonas: { id: string; name: string; role: string }[] } };
  const persona = data.demoPersonas.find((each) => each.role === role && (name === undefined || each.name === name));
  if (persona === undefined) throw new Error(`The sandbox has no ${role}${name === undefined ? '' : ` called ${name}`}.`);
  return persona.id;
}
