/** The style that a cluster holds: of two clusters of sketches one is called "sketch" and the other "sketch 2". */
export const styleOfCluster = (cluster: string): string => cluster.replace(/ \d+$/, '');
