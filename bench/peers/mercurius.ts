/** Mercurius as its documentation shows it: Fastify, jit, its own pub/sub. */
import Fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import mercurius from 'mercurius';
import { announce } from '../child.ts';
import { control, countSubscription, type Update } from '../children/control.ts';
import { TOPIC, typeDefs } from './board.ts';

const app = Fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    Query: { ok: () => true },
    Subscription: {
      [TOPIC]: {
        subscribe: (_root: unknown, _args: unknown, { pubsub }: { pubsub: mercurius.PubSub }) => {
          countSubscription();
          return pubsub.subscribe(TOPIC);
        },
      },
    },
  } as unknown as mercurius.IResolvers,
  subscription: true,
  jit: 1,
});
const publish = (update: Update) => void app.graphql.pubsub.publish({ topic: TOPIC, payload: { [TOPIC]: update } });
app.addHook('onRequest', (request, reply, done) => {
  if (control(request.raw, reply.raw, publish)) reply.hijack();
  else done();
});
await app.listen({ port: 0, host: '127.0.0.1' });
announce((app.server.address() as AddressInfo).port);
