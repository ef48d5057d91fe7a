resource "terraform_data" "a" { triggers_replace = 2 }
output "id" { value = terraform_data.a.id }
