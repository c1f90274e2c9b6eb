/** A question that the event type asks of its own, by Cal.com's kind of field; kinds we do not know take text. */
import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useText } from '../i18n/language.tsx';
import type { CalcomEventType } from './hooks/use-calcom-event-types.ts';

export type Question = CalcomEventType['bookingFields'][number];

const PREFIX = 'question-';
const LONGEST = 1000;

export const questionName = (question: Question): string => `${PREFIX}${question.slug}`;

export function BookingQuestion({ question, error }: { question: Question; error: string | undefined }): ReactNode {
  const text = useText();
  const shared = { name: questionName(question), label: question.label ?? question.slug, error, required: question.required };
  if (question.options != null)
    return <NativeSelect {...shared} data={[{ value: '', label: text.booking.choose }, ...question.options]} defaultValue="" />;
  switch (question.type) {
    case 'boolean':
      return <Checkbox name={shared.name} label={shared.label} value="true" error={error} />;
    case 'textarea':
      return <Textarea {...shared} rows={3} maxLength={LONGEST} />;
    case 'phone':
      return <TextInput {...shared} type="tel" autoComplete="tel" maxLength={32} />;
    case 'email':
    case 'number':
    case 'url':
      return <TextInput {...shared} type={question.type} maxLength={LONGEST} />;
    default:
      return <TextInput {...shared} maxLength={LONGEST} />;
  }
}
