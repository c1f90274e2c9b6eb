/** How an appointment takes place: camera, telephone, or a place. */
import { IconMapPin, IconPhone, IconVideo } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ConsultationType } from '../generated/graphql.ts';
import { useText } from '../i18n/language.tsx';

const icons = { VIDEO: IconVideo, AUDIO: IconPhone, IN_PERSON: IconMapPin };

export function KindIcon({
  kind,
  size = 16,
  decorative = false,
}: {
  kind: ConsultationType;
  size?: number;
  decorative?: boolean;
}): ReactNode {
  const text = useText();
  const Icon = icons[kind];
  return decorative ? (
    <Icon size={size} stroke={1.75} aria-hidden />
  ) : (
    <Icon size={size} stroke={1.75} role="img" aria-label={text.kind[kind]} />
  );
}
