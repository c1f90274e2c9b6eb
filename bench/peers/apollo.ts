/** Apollo Server as its documentation shows subscriptions: graphql-ws on ws, PubSub of graphql-subscriptions. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { PubSub } from 'graphql-subscriptions';
import { useServer } from 'graphql-ws/use/ws';
import { createSchema } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { announce } from '../child.ts';
import { control, countSubscription, type Update } from '../children/control.ts';
import { TOPIC, typeDefs } from './board.ts';

const pubsub = new PubSub();
const publish = (update: Update) => void pubsub.publish(TOPIC, { [TOPIC]: update });
// makeExecutableSchema of graphql-tools, under the name that Yoga gives it.
const schema = createSchema({
  typeDefs,
  resolvers: {
    Query: { ok: () => true },
    Subscription: {
      [TOPIC]: {
        subscribe: () => {
          countSubscription();
          return pubsub.asyncIterableIterator(TOPIC);
        },
      },
    },
  },
});

const app = express();
const server = createServer((request, response) => {
  if (!control(request, response, publish)) app(request, response);
});
const sockets = new WebSocketServer({ server, path: '/graphql' });
const cleanup = useServer({ schema }, sockets);
const apollo = new ApolloServer({
  schema,
  plugins: [
    ApolloServerPluginDrainHttpServer({ httpServer: server }),
    { serverWillStart: async () => ({ drainServer: async () => void (await cleanup.dispose()) }) },
  ],
});
await apollo.start();
app.use('/graphql', express.json(), expressMiddleware(apollo));
server.listen(0, '127.0.0.1', () => announce((server.address() as AddressInfo).port));
