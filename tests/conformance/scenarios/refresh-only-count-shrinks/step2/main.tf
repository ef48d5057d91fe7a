resource "terraform_data" "r" { count = 1 }
output "p" { value = length(terraform_data.r) }
output "s" { value = try(terraform_data.r[1].id, "none") }
