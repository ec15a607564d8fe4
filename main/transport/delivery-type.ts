// How a queue's mail is delivered, in Exchange's words.

/** To hosts that the administrator named, or to those that DNS names. */
export const deliveryType = (toSmartHost: boolean): string => (toSmartHost ? 'SmartHostConnectorDelivery' : 'DnsConnectorDelivery')
