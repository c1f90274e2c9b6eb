/** Asks for the reason that the other side is told, then carries the wish out and says what became of it. */
import { Button, Modal, Textarea } from '@mantine/core';
import { type SubmitEvent, type ReactNode, useState } from 'react';
import { useText } from '../i18n/language.tsx';
import { type Outcome, type Refusal, refusalReason } from '../outcome/refusal.ts';
import { formText } from '../shell/form-text.ts';
import classes from './dialog.module.css';

export interface ReasonDialogProps {
  title: string;
  /** Who and when. */
  about: ReactNode;
  hint: string;
  submit: string;
  run: (reason: string, whileUnknown: (refusal: Refusal) => void) => Promise<Outcome<unknown>>;
  onDone: () => void;
  onClose: () => void;
}

export function ReasonDialog(props: ReasonDialogProps): ReactNode {
  const text = useText();
  const [phase, setPhase] = useState<'asking' | 'sending' | 'checking'>('asking');
  const [missing, setMissing] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const submit = async (event: SubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const reason = formText(new FormData(event.currentTarget), 'reason');
    setMissing(reason === '');
    if (reason === '') return;
    setRefusal(null);
    setPhase('sending');
    const outcome = await props.run(reason, () => setPhase('checking'));
    setPhase('asking');
    if (outcome.ok) {
      props.onDone();
      props.onClose();
    } else setRefusal(outcome.refusal);
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title} closeButtonProps={{ 'aria-label': text.frame.close }}>
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
        <p className={classes.about}>{props.about}</p>
        <Textarea
          name="reason"
          label={text.reason.label}
          description={props.hint}
          error={missing ? text.reason.required : undefined}
          autosize={false}
          rows={3}
          maxLength={500}
          data-autofocus
        />
        {refusal !== null && <RefusalNote refusal={refusal} />}
        {phase === 'checking' && (
          <p role="status" className={classes.checking}>
            {text.refusal.OutcomeUnknown}
          </p>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={props.onClose}>
            {text.action.keep}
          </Button>
          <Button type="submit" color="red" loading={phase !== 'asking'}>
            {props.submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Why not: in our words first, then the gateway's. */
export function RefusalNote({ refusal }: { refusal: Refusal }): ReactNode {
  const text = useText();
  return (
    <div role="alert" className={classes.refusal}>
      <strong>{text.refusal[refusalReason(refusal)]}</strong>
      {refusal.message !== '' && <p>{refusal.message}</p>}
    </div>
  );
}
