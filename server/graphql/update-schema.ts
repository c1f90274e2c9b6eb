/**
 * The schema as an update of a stream is executed against: the same types, and a root whose fields answer the update. Who may
 * subscribe and whether the arguments are good was decided when the stream was opened (`createSourceEventStream` with the whole
 * schema); asking again for each update and group costs more than the rest of an execution.
 */
import { type GraphQLFieldConfigMap, GraphQLObjectType, GraphQLSchema } from 'graphql';

export function updateSchema(schema: GraphQLSchema): GraphQLSchema {
  const { types, subscription, ...config } = schema.toConfig();
  if (subscription == null) throw new Error('The schema has no subscriptions.');
  const fields: GraphQLFieldConfigMap<unknown, unknown> = Object.fromEntries(
    Object.values(subscription.getFields()).map(({ name, type, args }) => [
      name,
      { type, args: Object.fromEntries(args.map((argument) => [argument.name, { type: argument.type }])), resolve: (update) => update },
    ]),
  );
  const root = new GraphQLObjectType({ name: subscription.name, fields });
  return new GraphQLSchema({ ...config, subscription: root, types: types.filter((type) => type !== subscription), assumeValid: true });
}
