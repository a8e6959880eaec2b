/**
 * Inputs and outputs of contributor insights, as DynamoDB documents them. Instants are epoch
 * seconds.
 */

export type ContributorInsightsMode = 'ACCESSED_AND_THROTTLED_KEYS' | 'THROTTLED_KEYS';
export type ContributorInsightsStatus =
  | 'ENABLING'
  | 'ENABLED'
  | 'DISABLING'
  | 'DISABLED'
  | 'FAILED';

/** A table, or one of its global indexes. */
export interface ContributorInsightsInput {
  readonly TableName: string;
  readonly IndexName?: string;
}

export interface UpdateContributorInsightsInput extends ContributorInsightsInput {
  readonly ContributorInsightsAction: 'ENABLE' | 'DISABLE';
  readonly ContributorInsightsMode?: ContributorInsightsMode;
}

export interface UpdateContributorInsightsOutput extends ContributorInsightsInput {
  readonly ContributorInsightsStatus: ContributorInsightsStatus;
  readonly ContributorInsightsMode: ContributorInsightsMode;
}

export interface DescribeContributorInsightsOutput extends ContributorInsightsInput {
  readonly ContributorInsightsStatus: ContributorInsightsStatus;
  /** The rest once it was ever on. */
  readonly ContributorInsightsRuleList?: readonly string[];
  readonly LastUpdateDateTime?: number;
  readonly ContributorInsightsMode?: ContributorInsightsMode;
}

export interface ListContributorInsightsInput {
  readonly TableName?: string;
  readonly NextToken?: string;
  readonly MaxResults?: number;
}

export interface ListContributorInsightsOutput {
  readonly ContributorInsightsSummaries: readonly UpdateContributorInsightsOutput[];
  readonly NextToken?: string;
}
