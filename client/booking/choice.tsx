/** One of several tiles: a radio group in all but looks. */
import { createContext, type ReactNode, use, useId } from 'react';
import classes from './choice.module.css';

const GroupName = createContext('');

export function ChoiceGroup({
  label,
  small = false,
  children,
}: {
  label: string;
  small?: boolean | 'lengths';
  children: ReactNode;
}): ReactNode {
  const name = useId();
  return (
    <fieldset className={classes.group} data-small={small}>
      <legend className={classes.legend}>{label}</legend>
      <GroupName value={name}>
        <div className={classes.choices}>{children}</div>
      </GroupName>
    </fieldset>
  );
}

export function Choice(props: {
  chosen: boolean;
  onChoose: () => void;
  /** Chosen with a pointer: the person is done here. */
  onPicked?: () => void;
  title: string;
  hint?: string | undefined;
  note?: string | undefined;
  children?: ReactNode;
}): ReactNode {
  const name = use(GroupName);
  return (
    <label className={classes.choice}>
      <input
        type="radio"
        className={classes.input}
        name={name}
        checked={props.chosen}
        onChange={props.onChoose}
        onClick={(event) => event.detail > 0 && props.onPicked?.()}
      />
      <span className={classes.head}>
        <span className={classes.title}>{props.title}</span>
        {props.children}
      </span>
      {props.hint !== undefined && <span className={classes.hint}>{props.hint}</span>}
      {props.note !== undefined && <span className={classes.note}>{props.note}</span>}
    </label>
  );
}
