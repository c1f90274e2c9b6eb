/** GraphQL Yoga as its documentation shows it: createSchema, createPubSub, SSE as it is, WebSocket by graphql-ws. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { announce } from '../child.ts';
import { control, countSubscription, type Update } from '../children/control.ts';
import { createWebhook } from '../children/webhook.ts';
import { TOPIC, typeDefs } from './board.ts';

const pubSub = createPubSub<{ [TOPIC]: [Update] }>();
const publish = (update: Update) => pubSub.publish(TOPIC, update);

const yoga = createYoga({
  logging: false,
  graphiql: { subscriptionsProtocol: 'WS' },
  schema: createSchema({
    typeDefs,
    resolvers: {
      Query: { ok: () => true },
      Subscription: {
        [TOPIC]: {
          subscribe: () => {
            countSubscription();
            return pubSub.subscribe(TOPIC);
          },
          resolve: (update: Update) => update,
        },
      },
    },
  }),
});

const webhook = createWebhook(publish);
const server = createServer((request, response) => {
  if (webhook(request, response) || control(request, response, publish)) return;
  void yoga(request, response);
});
const sockets = new WebSocketServer({ server, path: yoga.graphqlEndpoint });

useServer(
  {
    execute: (args: any) => args.rootValue.execute(args),
    subscribe: (args: any) => args.rootValue.subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const args = {
        schema,
        operationName: params.operationName,
        document: parse(params.query),
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
      const errors = validate(args.schema, args.document);
      if (errors.length) return errors;
      return args;
    },
  },
  sockets,
);

server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
