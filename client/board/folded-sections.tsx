/** Cancelled, declined and no-show, folded away beneath the columns until somebody asks. */
import { IconChevronDown } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { LiveAppointmentFragment } from '../generated/graphql.ts';
import { useText } from '../i18n/language.tsx';
import { type Folded, folded, type Section } from './board-section.ts';
import classes from './folded-sections.module.css';

export function FoldedSections(props: {
  sections: Map<Section, LiveAppointmentFragment[]>;
  card: (appointment: LiveAppointmentFragment) => ReactNode;
}): ReactNode {
  const text = useText();
  const [open, setOpen] = useState<Folded | null>(null);
  const items = open === null ? [] : (props.sections.get(open) ?? []);
  return (
    <div className={classes.folded}>
      {open !== null && items.length > 0 && (
        <ul id="folded-list" className={classes.list} data-column={open} aria-label={text.board.folded[open]}>
          {items.map(props.card)}
        </ul>
      )}
      <div className={classes.buttons}>
        {folded.map((section) => {
          const count = props.sections.get(section)?.length ?? 0;
          return (
            <button
              key={section}
              type="button"
              className={classes.button}
              aria-expanded={open === section}
              aria-controls={open === section && items.length > 0 ? 'folded-list' : undefined}
              disabled={count === 0}
              onClick={() => setOpen(open === section ? null : section)}
            >
              <IconChevronDown size={14} className={classes.chevron} aria-hidden />
              {text.board.folded[section]}
              <span className={classes.count}>{count}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
