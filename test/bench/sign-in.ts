/** An access token of the seeded factory's administrator. @throws {Error} when the appliance refuses */
export async function signIn(http: string): Promise<string> {
  const answer = await fetch(`${http}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'admin@vpc.com', password: 'Admin@123' }),
  });
  if (!answer.ok) throw new Error(`signing in answered ${answer.status}`);
  const { access_token }: { access_token: string } = JSON.parse(await answer.text());
  return access_token;
}
