/** Lower case, without the `+<clientId>` that Cal.com's platform puts into the addresses of managed users (CONTRACT 6). */
export function plainEmail(email: string): string {
  return email
    .trim()
    .toLowerCase()
    .replace(/\+c[a-z0-9]{24}(?=@)/, '');
}
