/** Webhooks of a user and of an event type; any version. The address is not checked, only that it is a text (051). */
import { conflict, forbidden, notFound, type ValidatorError, validatorFailure } from '../../engine/api-failure.ts';
import { type Trigger, TRIGGERS, type WebhookRow } from '../../engine/records.ts';
import { type Call, caller, type Route, success } from '../exchange.ts';
import { validatorError } from '../property-checks.ts';
import { webhookRowView, webhookView } from '../views/webhook-view.ts';

/** Who owns the webhooks that a path speaks of. */
interface Ownership {
  path: string;
  owner: (call: Call) => Pick<WebhookRow, 'userId' | 'eventTypeId'>;
  duplicate: string;
}

const ofUser: Ownership = {
  path: '/v2/webhooks',
  owner: (call) => ({ userId: caller(call).id, eventTypeId: null }),
  duplicate: 'Webhook with this subscriber url already exists for this user',
};

const ofEventType: Ownership = {
  path: '/v2/event-types/:eventTypeId/webhooks',
  owner: (call) => {
    const id = Number(call.params['eventTypeId']);
    const eventType = call.world.store.get('eventTypes', id);
    if (!eventType) throw notFound(`Event type with id ${id} not found`);
    if (eventType.ownerId !== caller(call).id) {
      throw forbidden(`IsUserEventTypeWebhookGuard - user with id=(${caller(call).id}) is not the owner of event type with id=(${id})`);
    }
    return { userId: null, eventTypeId: id };
  },
  duplicate: 'Webhook with this subscriber url already exists for this event type',
};

export const webhookRoutes: Route[] = [ofUser, ofEventType].flatMap(routesFor);

function routesFor({ path, owner, duplicate }: Ownership): Route[] {
  const common = { versions: 'any', access: 'required' } as const;
  /** Ordered by id, not by creation (053). */
  const mine = (call: Call): WebhookRow[] => {
    const { userId, eventTypeId } = owner(call);
    return call.world.store
      .all('webhooks')
      .filter((row) => row.userId === userId && row.eventTypeId === eventTypeId)
      .sort((a, b) => a.id.localeCompare(b.id));
  };
  const find = (call: Call): WebhookRow => {
    const id = call.params['id'] ?? '';
    const { userId, eventTypeId } = owner(call);
    const row = call.world.store.get('webhooks', id);
    if (!row) throw notFound(`Webhook (${id}) not found`);
    if (row.userId !== userId || row.eventTypeId !== eventTypeId) {
      throw forbidden(`IsUserWebhookGuard - user with id=(${caller(call).id}) is not the owner of webhook with id=(${id})`);
    }
    return row;
  };
  const save = (call: Call, row: WebhookRow): WebhookRow => {
    call.world.store.put('webhooks', row);
    call.world.store.commit();
    return row;
  };
  return [
    {
      ...common,
      method: 'POST',
      path,
      handle: (call) => {
        const { body, world } = call;
        const owned = owner(call);
        const errors = [...urlErrors(body), ...triggerErrors(body)];
        if (errors.length > 0) throw validatorFailure(errors);
        const subscriberUrl = String(body['subscriberUrl']);
        if (mine(call).some((row) => row.subscriberUrl === subscriberUrl)) throw conflict(duplicate);
        const row: WebhookRow = {
          id: world.ids.uuid(),
          ...owned,
          subscriberUrl,
          payloadTemplate: null,
          active: true,
          secret: null,
          triggers: [],
          createdAt: world.clock.stamp(),
          ...changesOf(body),
        };
        return success(webhookView(save(call, row)), 201);
      },
    },
    {
      ...common,
      method: 'GET',
      path,
      handle: (call) => {
        const skip = Number(call.query.get('skip') ?? 0);
        const take = Number(call.query.get('take') ?? 250);
        return success(
          mine(call)
            .slice(skip, skip + take)
            .map(webhookView),
        );
      },
    },
    {
      ...common,
      method: 'DELETE',
      path,
      handle: (call) => {
        const rows = mine(call);
        for (const row of rows) call.world.store.remove('webhooks', row.id);
        call.world.store.commit();
        return success(`${rows.length} webhooks deleted`);
      },
    },
    { ...common, method: 'GET', path: `${path}/:id`, handle: (call) => success(webhookRowView(find(call))) },
    {
      ...common,
      method: 'PATCH',
      path: `${path}/:id`,
      handle: (call) => {
        const errors = call.body['triggers'] === undefined ? [] : triggerErrors(call.body);
        if (errors.length > 0) throw validatorFailure(errors);
        return success(webhookView(save(call, { ...find(call), ...changesOf(call.body) })));
      },
    },
    {
      ...common,
      method: 'DELETE',
      path: `${path}/:id`,
      handle: (call) => {
        const row = find(call);
        call.world.store.remove('webhooks', row.id);
        call.world.store.commit();
        return success(webhookView(row));
      },
    },
  ];
}

const urlErrors = (body: Record<string, unknown>): ValidatorError[] =>
  typeof body['subscriberUrl'] === 'string' ? [] : [validatorError(body, 'subscriberUrl', { isString: 'subscriberUrl must be a string' })];

const isTrigger = (value: unknown): value is Trigger => TRIGGERS.some((trigger) => trigger === value);

function triggerErrors(body: Record<string, unknown>): ValidatorError[] {
  const triggers = body['triggers'];
  if (Array.isArray(triggers) && triggers.every(isTrigger)) return [];
  return [
    validatorError(body, 'triggers', { isEnum: `each value in triggers must be one of the following values: ${TRIGGERS.join(', ')}` }),
  ];
}

function changesOf(body: Record<string, unknown>): Partial<WebhookRow> {
  const changes: Partial<WebhookRow> = {};
  if (typeof body['subscriberUrl'] === 'string') changes.subscriberUrl = body['subscriberUrl'];
  if (typeof body['payloadTemplate'] === 'string' || body['payloadTemplate'] === null) changes.payloadTemplate = body['payloadTemplate'];
  if (typeof body['active'] === 'boolean') changes.active = body['active'];
  if (typeof body['secret'] === 'string' || body['secret'] === null) changes.secret = body['secret'];
  if (Array.isArray(body['triggers'])) changes.triggers = body['triggers'].filter(isTrigger);
  return changes;
}
