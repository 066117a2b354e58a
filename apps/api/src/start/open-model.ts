import {
  type EmbeddingModel,
  hubOptionsFrom,
  loadModel,
  openModelHub,
  type ProviderRequest,
  selectProvider,
} from '@freestyle/core';

/** Opens a model by name on the provider that was asked for, or on the best one that works.
 *  @throws {CoreError} naming the models that there are, or why the provider cannot run. */
export async function openModel(
  name: string,
  request: ProviderRequest,
  env: NodeJS.ProcessEnv = process.env,
): Promise<EmbeddingModel> {
  const { provider } = await selectProvider(request);
  const hub = openModelHub(hubOptionsFrom(env));
  return loadModel(name, { provider, hub }).finally(() => hub.close());
}
