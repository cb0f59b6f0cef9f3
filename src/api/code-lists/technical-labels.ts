import type { Labels } from '../../complaint/terms/code-labels.js';

/** The labels of code lists that belong to the service and not to complaints. */
export const TECHNICAL_LABELS: Readonly<Record<string, Labels>> = {
  LineStatus: {
    accepted: { en: 'Accepted', zh: '已接收' },
    already_there: { en: 'Already there', zh: '已存在' },
    rejected: { en: 'Rejected', zh: '已拒绝' },
    unchanged: { en: 'Unchanged', zh: '无变化' },
  },
  Interrupted: {
    interrupted: { en: 'Interrupted', zh: '已中断' },
  },
  Precision: {
    instant: { en: 'Instant', zh: '精确时刻' },
    day: { en: 'Day', zh: '日期' },
  },
  DateBasis: {
    received: { en: 'Received', zh: '接收日期' },
    incident: { en: 'Incident', zh: '事件发生日期' },
    recorded: { en: 'Recorded', zh: '记录日期' },
    responded: { en: 'Responded', zh: '答复日期' },
    ended: { en: 'Ended', zh: '办结日期' },
  },
  Direction: {
    descending: { en: 'Descending', zh: '降序' },
    ascending: { en: 'Ascending', zh: '升序' },
  },
  OccurredAtBasis: {
    recorded: { en: 'As recorded', zh: '按记录时间' },
    claimed: { en: 'As claimed', zh: '按申报时间' },
  },
  ProjectionState: {
    stopped: { en: 'Stopped', zh: '已停止' },
    'catching-up': { en: 'Catching up', zh: '追赶中' },
    live: { en: 'Live', zh: '实时' },
    paused: { en: 'Paused', zh: '已暂停' },
    'backing-off': { en: 'Waiting to retry', zh: '等待重试' },
    failed: { en: 'Failed', zh: '失败' },
    halted: { en: 'Halted', zh: '已中止' },
  },
  HaltReason: {
    history_changed: { en: 'The log is another one', zh: '事件日志已变更' },
    undecodable: { en: 'An event cannot be decoded', zh: '事件无法解码' },
    keys_failed: { en: 'The keys of an event cannot be computed', zh: '无法计算事件的文档键' },
    evolve_failed: { en: 'An event cannot be folded', zh: '事件无法应用' },
    document_rejected: { en: 'A document is rejected by the store', zh: '存储拒绝文档' },
    checkpoint_lost: { en: 'Another process took over', zh: '已由其他进程接管' },
    storage_failed: { en: 'A store failed', zh: '存储故障' },
  },
  BuildOutcome: {
    equal: { en: 'Equal', zh: '一致' },
    different: { en: 'Different', zh: '不一致' },
    refused: { en: 'Refused', zh: '已拒绝切换' },
    uncomparable: { en: 'Not comparable', zh: '无法比较' },
    cancelled: { en: 'Cancelled', zh: '已取消' },
  },
  WorkerState: {
    'in-process': { en: 'In the same thread', zh: '在主线程中' },
    starting: { en: 'Starting', zh: '启动中' },
    running: { en: 'Running', zh: '运行中' },
    restarting: { en: 'Restarting', zh: '重启中' },
    stopped: { en: 'Stopped', zh: '已停止' },
  },
  JobKind: {
    verify: { en: 'Verification', zh: '校验' },
    rebuild: { en: 'Rebuild', zh: '重建' },
    compare: { en: 'Comparison', zh: '比较' },
  },
  JobState: {
    running: { en: 'Running', zh: '进行中' },
    done: { en: 'Done', zh: '已完成' },
    failed: { en: 'Failed', zh: '失败' },
    cancelled: { en: 'Cancelled', zh: '已取消' },
  },
  TargetKind: {
    target: { en: 'Internal target', zh: '内部目标' },
  },
  TargetState: {
    met: { en: 'Met', zh: '按时达成' },
    met_late: { en: 'Met late', zh: '超时达成' },
    running: { en: 'Running', zh: '计时中' },
    overdue: { en: 'Overdue', zh: '已超时' },
  },
  BatchForm: {
    commands: { en: 'Commands', zh: '命令' },
    cfpb: { en: 'Register of the CFPB', zh: 'CFPB 登记数据' },
  },
  TrendBasis: {
    received: { en: 'Received', zh: '接收日期' },
    responded: { en: 'Responded', zh: '答复日期' },
    ended: { en: 'Ended', zh: '办结日期' },
  },
  TrendGroup: {
    product: { en: 'Product', zh: '产品' },
    issue: { en: 'Issue', zh: '问题' },
    category: { en: 'Category', zh: '类别' },
    channel: { en: 'Channel', zh: '渠道' },
    region: { en: 'Region', zh: '地区' },
    severity: { en: 'Severity', zh: '严重程度' },
    outcome: { en: 'Outcome', zh: '处理结果' },
    response: { en: 'Response', zh: '企业答复' },
    respondent: { en: 'Respondent', zh: '被投诉方' },
    source: { en: 'Source', zh: '来源' },
    day: { en: 'Day', zh: '日' },
    week: { en: 'Week', zh: '周' },
    month: { en: 'Month', zh: '月' },
  },
  UpStatus: {
    up: { en: 'Up', zh: '正常' },
  },
  ReadyStatus: {
    up: { en: 'Up', zh: '正常' },
    degraded: { en: 'Needs attention', zh: '需要关注' },
    down: { en: 'Down', zh: '不可用' },
  },
};
