import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useText } from '../i18n/language.tsx';
import { usePageTitle } from '../shell/use-page-title.ts';
import { CalcomBooking } from './calcom-booking.tsx';

/** `/book`, or with a kind chosen before: `/book?type=<slug>`. */
export default function BookPage(): ReactNode {
  const text = useText();
  const [search] = useSearchParams();
  usePageTitle(text.booking.title);
  return <CalcomBooking eventType={search.get('type') ?? undefined} />;
}
