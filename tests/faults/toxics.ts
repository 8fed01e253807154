/** What can be wrong with one direction of a connection, named and measured as Toxiproxy does; times in milliseconds. */
export type Toxic =
  /** Everything arrives later, by `latency` ± `jitter`. */
  | { readonly type: 'latency'; readonly latency: number; readonly jitter?: number }
  /** At most `rate` kilobytes a second. */
  | { readonly type: 'bandwidth'; readonly rate: number }
  /** The end of the connection is passed on later. */
  | { readonly type: 'slow_close'; readonly delay: number }
  /** Nothing gets through; the connection is closed after `timeout`, with 0 never. */
  | { readonly type: 'timeout'; readonly timeout: number }
  /** Both sides get a reset, `timeout` after the first data. With 0 downstream: the request was heard, the answer never. */
  | { readonly type: 'reset_peer'; readonly timeout: number }
  /** Data comes in pieces of `average_size` ± `size_variation` bytes, `delay` apart. */
  | {
      readonly type: 'slicer'
      readonly average_size: number
      readonly size_variation?: number
      readonly delay?: number
    }
  /** The connection is closed after so many bytes. */
  | { readonly type: 'limit_data'; readonly bytes: number }

export type ToxicType = Toxic['type']
export type Direction = 'upstream' | 'downstream'
