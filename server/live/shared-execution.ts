/**
 * One execution and one serialisation for all subscribers who would get the same text, whatever they are connected by: same
 * selection, variables and viewer scope (`groupKey`). The hub hands equal subscribers the same `LiveUpdate` object, and the
 * text of a result is remembered for as long as that object lives.
 */
import type { DocumentNode, ExecutionResult, OperationDefinitionNode } from 'graphql';
import type { Viewer } from '../auth/viewer.ts';
import type { LiveUpdate } from '../services.ts';
import { bytesOf } from './outbox.ts';
import { createUpdateOperations, groupKey, type UpdateOperation, usedVariables } from './update-operation.ts';

/** As a subscriber sent it, and found valid. */
export interface SharedOperation {
  document: DocumentNode;
  operation: OperationDefinitionNode;
  variables: Record<string, unknown>;
  viewer: Viewer;
}

/** The result of an operation, as JSON; executed once, whoever asks. */
export interface SharedText {
  readonly json: string;
  /** Its bytes (`outbox`), closed by the brace of the message that it is the last member of. */
  readonly messageEnd: string;
}

export interface ExecutionGroup {
  /** A promise only where something had to be waited for. Never rejects: what fails is an error of the result. */
  textFor(update: LiveUpdate): SharedText | Promise<SharedText>;
  leave(): void;
}

export interface SharedExecution {
  join(operation: SharedOperation): ExecutionGroup;
  /** Groups that somebody is in. */
  groups(): number;
  /** Executions until now. */
  executions(): number;
}

export interface SharedExecutionOptions {
  /** Runs the operation for one update, with a context of its own: loaders must not remember an earlier one. Errors are masked. */
  execute: (what: Execution, update: LiveUpdate) => ExecutionResult | Promise<ExecutionResult>;
  /** For an `execute` that throws. */
  failed: (error: unknown) => ExecutionResult;
}

export interface Execution {
  operation: UpdateOperation;
  /** Those that the operation uses. */
  variables: Record<string, unknown>;
  /** Somebody of the group. */
  viewer: Viewer;
}

interface Group {
  key: string;
  execution: Execution;
  members: number;
  /** The newest one beside the others, because a change is given to all members in a row. */
  last: { update: LiveUpdate; text: SharedText | Promise<SharedText> } | null;
  texts: WeakMap<LiveUpdate, SharedText | Promise<SharedText>> | null;
}

export function createSharedExecution({ execute, failed }: SharedExecutionOptions): SharedExecution {
  const operations = createUpdateOperations();
  const groups = new Map<string, Group>();
  let executions = 0;

  function run(execution: Execution, update: LiveUpdate): SharedText | Promise<SharedText> {
    executions += 1;
    try {
      const result = execute(execution, update);
      if (!(result instanceof Promise)) return new Text(result);
      return result.then(
        (late) => new Text(late),
        (error: unknown) => new Text(failed(error)),
      );
    } catch (error) {
      return new Text(failed(error));
    }
  }

  function textOf(group: Group, update: LiveUpdate): SharedText | Promise<SharedText> {
    if (group.last?.update === update) return group.last.text;
    const text = remembered(group, update);
    group.last = group.members > 1 ? { update, text } : null;
    return text;
  }

  function remembered(group: Group, update: LiveUpdate): SharedText | Promise<SharedText> {
    const known = group.texts?.get(update);
    if (known !== undefined) return known;
    const text = run(group.execution, update);
    // A group of one asks once.
    if (group.members > 1) {
      group.texts ??= new WeakMap();
      group.texts.set(update, text);
    }
    return text;
  }

  function left(group: Group): void {
    if (group.members === 0) groups.delete(group.key);
  }

  return {
    join({ document, operation: sent, variables, viewer }) {
      const operation = operations.of(document, sent);
      const key = groupKey(operation, variables, viewer);
      const execution = { operation, variables: usedVariables(operation, variables), viewer };
      const group: Group = groups.get(key) ?? { key, execution, members: 0, last: null, texts: null };
      groups.set(key, group);
      group.members += 1;
      return new Member(group, textOf, left);
    },
    groups: () => groups.size,
    executions: () => executions,
  };
}

type TextOf = (group: Group, update: LiveUpdate) => SharedText | Promise<SharedText>;

class Member implements ExecutionGroup {
  readonly #group: Group;
  readonly #textOf: TextOf;
  readonly #left: (group: Group) => void;
  #here = true;

  constructor(group: Group, textOf: TextOf, left: (group: Group) => void) {
    this.#group = group;
    this.#textOf = textOf;
    this.#left = left;
  }

  textFor(update: LiveUpdate): SharedText | Promise<SharedText> {
    return this.#textOf(this.#group, update);
  }

  leave(): void {
    if (!this.#here) return;
    this.#here = false;
    this.#group.members -= 1;
    this.#left(this.#group);
  }
}

class Text implements SharedText {
  readonly json: string;
  #messageEnd: string | null = null;

  constructor(result: ExecutionResult) {
    this.json = JSON.stringify(result);
  }

  get messageEnd(): string {
    this.#messageEnd ??= bytesOf(`${this.json}}`);
    return this.#messageEnd;
  }
}
