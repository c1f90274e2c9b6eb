/** The sandbox's people: be one of them in this tab, or open another tab as one. */
import { ActionIcon, Skeleton, Tooltip } from '@mantine/core';
import { useQuery } from '@apollo/client/react';
import { IconCheck, IconExternalLink } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { DemoPersonasQuery, Role } from '../generated/graphql.ts';
import { graphql } from '../generated/gql.ts';
import { useText } from '../i18n/language.tsx';
import { usePerson } from '../session/person.tsx';
import { signInAs } from '../session/sign-in-as.ts';
import { initials } from '../shell/frame.tsx';
import classes from './personas.module.css';

export const DEMO_PERSONAS = graphql(`
  query DemoPersonas {
    demoPersonas {
      id
      name
      role
      description
    }
  }
`);

export type Persona = DemoPersonasQuery['demoPersonas'][number];

export function homeOf(role: Role): string {
  return role === 'PATIENT' ? '/book' : '/board';
}

export function Personas({ roles, newTabs }: { roles: readonly Role[]; newTabs: boolean }): ReactNode {
  const text = useText();
  const { session, store } = usePerson();
  const { data } = useQuery(DEMO_PERSONAS);
  const [failed, setFailed] = useState(false);
  const become = async (persona: Persona): Promise<void> => {
    const next = await signInAs(persona.id);
    setFailed(next === null);
    if (next !== null) store.save(next);
  };
  if (data === undefined) {
    return (
      <div className={classes.people} aria-hidden>
        <Skeleton height={56} radius="md" />
        <Skeleton height={56} radius="md" />
      </div>
    );
  }
  return (
    <>
      <ul className={classes.people}>
        {data.demoPersonas
          .filter((persona) => roles.includes(persona.role))
          .map((persona) => {
            const current = persona.id === session?.personaId;
            return (
              <li key={persona.id} className={classes.person} data-current={current}>
                <button type="button" className={classes.be} aria-pressed={current} onClick={() => void become(persona)}>
                  <span className={classes.avatar} data-role={persona.role} aria-hidden>
                    {current ? <IconCheck size={18} stroke={2.2} /> : initials(persona.name)}
                  </span>
                  <span className={classes.words}>
                    <span className={classes.name}>{persona.name}</span>
                    <span className={classes.role}>{current ? text.start.you : text.role[persona.role]}</span>
                  </span>
                </button>
                {newTabs && (
                  <Tooltip label={text.start.openTab(persona.name)}>
                    <ActionIcon
                      component="a"
                      href={`${homeOf(persona.role)}?as=${encodeURIComponent(persona.id)}`}
                      target="_blank"
                      rel="noopener"
                      variant="subtle"
                      color="gray"
                      aria-label={text.start.openTab(persona.name)}
                    >
                      <IconExternalLink size={16} stroke={1.75} aria-hidden />
                    </ActionIcon>
                  </Tooltip>
                )}
              </li>
            );
          })}
      </ul>
      {failed && (
        <p role="alert" className={classes.failed}>
          {text.start.failed}
        </p>
      )}
    </>
  );
}
