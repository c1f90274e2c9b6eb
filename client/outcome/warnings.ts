/** What the person should know besides the success, in the gateway's words. */
import { notifications } from '@mantine/notifications';

export function showWarnings(warnings: readonly { message: string }[]): void {
  for (const { message } of warnings) notifications.show({ message, color: 'yellow', autoClose: 12_000 });
}
