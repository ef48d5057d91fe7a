module "c" { 
  source = "./c" 
  for_each = { k = 1 }
  v = each.value
}
resource "terraform_data" "r" { triggers_replace = { for k, m in module.c : k => m.o } }
