resource "terraform_data" "base" { triggers_replace = 2 }
resource "terraform_data" "top" { 
  triggers_replace = terraform_data.base.id
  lifecycle { create_before_destroy = true }
}
