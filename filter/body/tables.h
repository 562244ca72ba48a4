/* SPDX-License-Identifier: ISC */

/*
 * The tables of fields: one for each object that is used by another file.
 */

#ifndef TABLES_H
#define TABLES_H

#include "schema.h"

/* auth.c */
extern const struct field auth_fields[];

/* checkpoint.c */
extern const struct field checkpoint_fields[];
extern const struct field copy_fields[];

/* cluster.c */
extern const struct field volume_update_fields[];

/* config.c */
extern const struct field health_fields[];
extern const struct field create_fields[];
void	 supply_create(struct judge *, struct js *root);
check_fn check_create;
check_fn check_network_create;
extern const struct field commit_fields[];

/* hostconfig.c */
extern const struct field hostconfig_fields[];
extern const struct field update_fields[];
check_fn check_update;

/* resources.c */
extern const struct field resources_fields[];
extern const struct field ulimit_fields[];

/* mount.c */
extern const struct field mount_fields[];

/* volume.c */
extern const struct field driver_config_fields[];
extern const struct field volume_create_fields[];

/* network.c */
extern const struct field networking_fields[];
extern const struct field network_create_fields[];
extern const struct field network_connect_fields[];
extern const struct field network_disconnect_fields[];

/* exec.c */
extern const struct field exec_create_fields[];
extern const struct field exec_start_fields[];

/* privileges.c, container_spec.c */
extern const struct field privileges_fields[];
extern const struct field container_spec_fields[];

/* secret.c */
extern const struct field driver_fields[];
extern const struct field secret_fields[];
extern const struct field secret_ref_fields[];
extern const struct field swarm_config_fields[];
extern const struct field config_ref_fields[];

/* service.c, task.c */
extern const struct field service_fields[];
extern const struct field task_fields[];
extern const struct field attachment_fields[];
extern const struct field log_driver_fields[];

/* swarm.c */
extern const struct field node_update_fields[];
extern const struct field swarm_init_fields[];
extern const struct field swarm_join_fields[];
extern const struct field swarm_update_fields[];
extern const struct field swarm_unlock_fields[];

#endif /* TABLES_H */
